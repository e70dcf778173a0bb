import { signal } from '@preact/signals';
import { Refused, get } from '../../api/client';

/** Why this person looks at a case, where the city wants that to be said: by case, for as long as the window is open. */
const reasons = signal<Record<string, string>>({});
let last = '';

export const giveReason = (id: string, reason: string) => {
  last = reason;
  reasons.value = { ...reasons.value, [id]: reason };
};

/** What was said of the case before, to be said again with one press. */
export const lastReason = () => last;

/** An address of something of a case, with the reason where one was given: pictures and links have no header to say it in. */
export function lookPath(id: string | undefined, path: string): string {
  const reason = id === undefined ? undefined : reasons.value[id];
  return reason ? `${path}${path.includes('?') ? '&' : '?'}reason=${encodeURIComponent(reason)}` : path;
}

export const look = <T>(id: string | undefined, path: string, signal?: AbortSignal) => get<T>(lookPath(id, path), signal);

/** True where the server wants to be told why somebody looks. */
export const wantsReason = (error: Refused | null) => error?.status === 400 && error.problem.field === 'reason';
