import { computed, effect, signal } from '@preact/signals';
import { call, get, onSignedOut, skewMs } from '../api/client';
import type { Me, Rulebook } from '../api/types';
import { type Text, ownKinds, say } from '../words/language';

/** Who is signed in; null: nobody; undefined: not known yet. */
export const me = signal<Me | null | undefined>(undefined);
export const rulebook = signal<Rulebook>({ version: 0, districts: [], departments: [], outcomes: [], workflows: [], rules: [] });
export const hostName = signal('');

/** The server's time, ms since 1970, moved each second: ages and deadlines are drawn by it. */
export const nowMs = signal(Date.now());
setInterval(() => {
  nowMs.value = Date.now() + skewMs.peek();
}, 1000);

/** The department whose desk and stream are shown: the own, or one that is chosen. */
export const department = signal(sessionStorage.getItem('department') ?? '');
/** The district that is shown; * is the whole city. */
export const district = signal(sessionStorage.getItem('district') ?? '*');

effect(() => sessionStorage.setItem('department', department.value));
effect(() => sessionStorage.setItem('district', district.value));

export const may = computed(() => {
  const role = me.value?.role;
  return {
    administer: role === 'administrator',
    decide: role === 'administrator' || role === 'supervisor' || (role === 'operator' && me.value?.department === 'command-centre'),
    act: role !== undefined && role !== 'inspector',
    chooseDepartment: role !== 'member',
    supervise: role === 'administrator' || role === 'supervisor' || role === 'inspector',
  };
});

export const departmentName = (id: string) => say(rulebook.value.departments.find(item => item.id === id)?.name) || id;
export const districtName = (id: string) => (id === '*' ? '' : say(rulebook.value.districts.find(item => item.id === id)?.name) || id);
export const stageName = (workflow: string, id: string) => say(rulebook.value.workflows.find(item => item.id === workflow)?.stages.find(stage => stage.id === id)?.name) || id;
export const anyStageName = (id: string) => say(rulebook.value.workflows.flatMap(item => item.stages).find(stage => stage.id === id)?.name) || id;
export const workflowName = (id: string) => say(rulebook.value.workflows.find(item => item.id === id)?.name) || id;
export const outcomeName = (code: string) => say(rulebook.value.outcomes.find(item => item.code === code)?.name) || code;

/** Reads who this is by the cookie, and the rulebook, which has the names of departments, districts, stages and outcomes. */
export async function enter(): Promise<void> {
  try {
    const who = await get<Me>('/api/me');
    rulebook.value = await get<Rulebook>('/api/rulebook');
    const scenes = (rulebook.value.decisions as { scenes?: { id: string; name: Text }[] } | undefined)?.scenes ?? [];
    ownKinds.value = Object.fromEntries(scenes.map(scene => [`scene-${scene.id}`, scene.name]));
    hostName.value = (await get<{ host: string }>('/health/live')).host;
    if (who.role === 'member') department.value = who.department ?? '';
    else if (!department.value || !rulebook.value.departments.some(item => item.id === department.value)) department.value = who.department ?? rulebook.value.departments[0]?.id ?? '';
    if (who.district !== '*' && district.value !== who.district && !district.value.startsWith(`${who.district}.`)) district.value = who.district;
    me.value = who;
  } catch (error) {
    me.value = null;
    throw error;
  }
}

/** The token goes to the server once and is not kept here: what stays is a cookie that no script can read. */
export async function signIn(token: string): Promise<void> {
  await call('/api/session', { method: 'POST', headers: { Authorization: `Bearer ${token}` } });
  await enter();
}

export async function signOut(): Promise<void> {
  await call('/api/session', { method: 'DELETE' }).catch(() => {});
  sessionStorage.clear();
  me.value = null;
}

onSignedOut(() => {
  if (me.peek()) me.value = null;
});
