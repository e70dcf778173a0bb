import { list } from '../../api/client';
import type { CaseRow, Stage, Warning, WorkOrder } from '../../api/types';
import { me, rulebook } from '../../app/session';
import type { Text } from '../../words/language';

/** A work order as cases and lists show it. */
export type Order = WorkOrder;

export interface Entry {
  at: string;
  what: string;
  by?: string;
  note?: string;
  workOrder?: string;
  evidence?: string[];
}

export interface CaseReport {
  id: string;
  at: string;
  channel: string;
  why: Text;
  calledBack?: { at: string; by: string; outcome: string; note?: string };
}

/** A case with everything that its page shows. */
export interface Case extends CaseRow {
  stage: string;
  history: Entry[];
  warning: Warning;
  reopened?: number;
  storm?: { rule?: string; joined: number; changes: number; cleared: number; held: number; told: number; untold: number; first: { warning: string; subject: string; kind: string; severity: number; at: string }[] };
  ruling?: { why: string; by: string; at: string; lead: string; coHandlers: string[] };
  reports?: CaseReport[];
  reportCount?: number;
  callBacksDue?: number;
  earlier?: string[];
  mergedInto?: string;
  mergedFrom?: string[];
  splitFrom?: string;
}

export interface EvidenceCopy {
  id: string;
  number: number;
  kind: string;
  state: string;
  source?: string;
  reading?: string;
  at?: string;
  url?: string;
  expected?: string;
  reason?: string;
  sha256?: string;
  decodedSha256?: string;
  type?: string;
  bytes?: number;
  topic?: string;
  received?: string;
  entry?: number;
}

export interface Notice {
  id: string;
  case: string;
  workOrder: string;
  state: string;
  open: boolean;
  by: string;
  issued: string;
  until: string;
  text?: Text;
  channels: { channel: string; state: string; attempts: number; reason?: string; since: string; next?: string }[];
  opened?: string;
  answer?: { at: string; note?: string; pictureSha256?: string };
  link?: string;
}

export const isOpenOrder = (order: Order) => order.state === 'issued' || order.state === 'accepted' || order.state === 'parked';

export const stageOf = (workflow: string | undefined, id: string): Stage | undefined =>
  (workflow ? rulebook.value.workflows.find(item => item.id === workflow)?.stages : undefined)?.find(stage => stage.id === id) ?? rulebook.value.workflows.flatMap(item => item.stages).find(stage => stage.id === id);

/** The outcomes that a work order may be completed with, the stage's own first one where it has one. */
export function outcomesOf(order: Order, workflow?: string): string[] {
  const stage = stageOf(workflow, order.stage) as (Stage & { defaultOutcome?: string }) | undefined;
  return order.role === 'lead' ? (stage?.outcomes ?? []).map(item => item.code) : (stage?.coHandlerOutcomes ?? []);
}

export const defaultOutcome = (order: Order, workflow?: string) =>
  order.role === 'lead' ? ((stageOf(workflow, order.stage) as (Stage & { defaultOutcome?: string }) | undefined)?.defaultOutcome ?? '') : (outcomesOf(order, workflow)[0] ?? '');

/** True for those who decide what departments ask for: administrators, the command centre's people, supervisors of no department in the whole city. */
export const decides = () => {
  const who = me.value;
  return !!who && (who.role === 'administrator' || ((who.role === 'member' || who.role === 'supervisor') && who.department === 'command-centre') || (who.role === 'supervisor' && !who.department && who.district === '*'));
};

/** True for those who may act at all: members, administrators, and who decides. Others read. */
export const acts = () => me.value?.role === 'member' || decides();

/** Whose work it is: a member's of the department, or an administrator's. The server has the last word. */
export const isMine = (order: { department: string }) => me.value?.role === 'administrator' || (me.value?.role === 'member' && order.department === me.value.department);

/** What this person may do with a work order now. `allowed` says what its state allows, whoever asks. */
export function actionsOf(order: Order, lead?: string): string[] {
  const who = me.value;
  if (!who) return [];
  const may = order.allowed.filter(action => {
    if (action === 'approve' || action === 'refuse') return decides() || (who.role === 'member' && order.role !== 'lead' && who.department === lead && who.department !== order.department);
    return isMine(order) || (action === 'claim' && who.role === 'member' && !!order.offeredTo?.includes(who.department ?? ''));
  });
  // Asking the subject moves nothing, so it is not among what the state allows.
  if (isMine(order) && isOpenOrder(order)) may.push('notify');
  return may;
}

/** The work order that keys and the phone's form act on: the lead's first. */
export const orderToDo = (found: Case): Order | undefined => {
  const mine = found.workOrders.filter(order => isOpenOrder(order) && isMine(order));
  return mine.find(order => order.role === 'lead') ?? mine[0];
};

/** Every open case that the filters of the server leave, up to `most`. */
export const openCases = (query: string, most: number, signal?: AbortSignal) => list<Case>(`/api/cases${query}`, most, signal);

const SOON_MS = 2 * 3_600_000;
const DAY_MS = 24 * 3_600_000;

/** How near a case's deadline is, in the groups that a supervisor looks at. */
export type Nearness = 'overdue' | 'soon' | 'day' | 'later' | 'parked' | 'done';
export function nearness(found: Case, now: number): Nearness {
  if (found.state !== 'open') return 'done';
  if (found.overdue || (found.deadline && Date.parse(found.deadline) < now)) return 'overdue';
  if (found.workOrders.some(order => order.state === 'parked') && !found.workOrders.some(order => order.state === 'issued' || order.state === 'accepted')) return 'parked';
  if (!found.deadline) return 'later';
  const left = Date.parse(found.deadline) - now;
  return left < SOON_MS ? 'soon' : left < DAY_MS ? 'day' : 'later';
}

/** Moments as the server writes them, in order; far cheaper than the order of words. */
export const byTime = (a: string, b: string) => Number(a > b) - Number(a < b);

/** The soonest deadline first; what has none last. Of equal ones the graver, then the older. */
export const byDeadline = <T extends { deadline?: string; severity: number }>(a: T, b: T) =>
  byTime(a.deadline ?? '9', b.deadline ?? '9') || b.severity - a.severity;

/** Nobody has taken a case on: its lead's work order is still new. */
export const waitingSince = (found: Case) => found.workOrders.find(order => order.role === 'lead' && order.state === 'issued');

/** A key that makes an action that is sent again harmless. */
export const newKey = () => crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;
