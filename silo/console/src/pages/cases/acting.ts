import { Refused, call, get, part, post } from '../../api/client';
import { stateName, words } from '../../words/language';
import type { Order } from './model';
import { actionName } from './words';

const w = words(
  {
    conflict: (state: string, allowed: string) => `Somebody was faster: the work order is “${state}” now. ${allowed ? `Possible now: ${allowed}.` : 'Nothing more can be done with it.'}`,
    gone: 'The work order is not there for you any more.',
    tooLarge: (name: string) => `“${name}” has more than 10 MiB.`,
    tooMany: 'At most 5 files come with one action.',
  },
  {
    conflict: (state, allowed) => `已有人先行处理：工单当前为“${state}”。${allowed ? `现在可以：${allowed}。` : '已不能再操作。'}`,
    gone: '该工单您已不可见。',
    tooLarge: name => `“${name}”超过10 MiB。`,
    tooMany: '一次最多上传5个文件。',
  },
);

/** What an action says, as the server takes it. */
export interface ActionBody {
  note?: string;
  outcome?: string;
  to?: string;
  departments?: string[];
  until?: string;
  record?: Record<string, string>;
}

export const FILES_MOST = 5;
export const FILE_BYTES = 10 * 1024 * 1024;

/** Why files cannot be sent; null where they can. */
export const wrongFiles = (files: File[]): string | null => {
  const large = files.find(file => file.size > FILE_BYTES);
  return files.length > FILES_MOST ? w('tooMany') : large ? w('tooLarge', large.name) : null;
};

/**
 * Does an action of a work order, with files where there are some: one call. The key stays for as long as its form is open, so that what is sent again is done once.
 */
export async function act(order: { id: string }, action: string, body: ActionBody, key: string, files: File[] = []): Promise<Order | null> {
  const wrong = wrongFiles(files);
  if (wrong) throw new Refused(0, wrong);
  const path = `/api/workorders/${part(order.id)}/${action}`;
  try {
    return files.length ? await sendForm(path, body, key, files) : await post<Order>(path, body, key);
  } catch (error) {
    throw await explained(order.id, error);
  }
}

async function sendForm(path: string, body: ActionBody, key: string, files: File[]): Promise<Order> {
  const form = new FormData();
  for (const name of ['note', 'outcome', 'to', 'until'] as const) if (body[name]) form.append(name, body[name]);
  for (const [field, value] of Object.entries(body.record ?? {})) form.append(`record.${field}`, value);
  for (const department of body.departments ?? []) form.append('departments', department);
  for (const file of files) form.append('file', file, file.name);
  return (await call(path, { method: 'POST', body: form, headers: { 'Idempotency-Key': key } })).json();
}

/** A refusal because of the state says what the state is now, in the reader's words. */
export async function explained(order: string, error: unknown): Promise<unknown> {
  if (!(error instanceof Refused) || error.status !== 409) return error;
  const fresh = await get<Order>(`/api/workorders/${part(order)}`).catch(() => null);
  if (!fresh) return new Refused(409, error.message || w('gone'), error.problem);
  // What the state allows all the same was refused for another reason, which only the server's sentence says.
  const allowed = (error.problem.allowed as string[] | undefined) ?? fresh.allowed;
  return new Refused(409, `${w('conflict', stateName(fresh.state), allowed.map(actionName).join(' · '))} ${error.message}`.trim(), error.problem);
}

/** Sends what follows a case's end, or joins and parts cases. */
export const actOnCase = <T>(id: string, action: string, body: unknown, key: string) => post<T>(`/api/cases/${part(id)}/${action}`, body, key);

/** What a field for date and time shows for a moment, in this machine's zone. */
export function localInput(ms: number): string {
  const at = new Date(ms);
  return new Date(ms - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
