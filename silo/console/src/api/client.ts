import { signal } from '@preact/signals';

/** What the server says when it refuses, for people: RFC 9457's detail. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
    readonly problem: Record<string, unknown> = {},
  ) {
    super(detail);
  }
}

/** How far this machine's clock is behind the server's, ms. Ages and deadlines go by the server's. */
export const skewMs = signal(0);

/** Called when the server no longer knows who this is. */
let signedOut = () => {};
export const onSignedOut = (handler: () => void) => {
  signedOut = handler;
};

/** `fetch` with the session's cookie; throws {@link Refused} with a sentence for people. */
export async function call(path: string, options: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { credentials: 'same-origin', ...options });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Refused(0, '');
  }
  const date = response.headers.get('Date');
  // The header has whole seconds: half a second is within its reach.
  if (date && Math.abs(Date.parse(date) - Date.now() - skewMs.peek()) > 2000) skewMs.value = Date.parse(date) - Date.now();
  if (response.status === 401 && !path.startsWith('/api/session')) signedOut();
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw new Refused(response.status, problem.detail ?? problem.title ?? '', problem);
  }
  return response;
}

export const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await call(path, { signal })).json();

/** Sends JSON; an answer without a body is null. `key` makes a repeated call harmless. */
export async function send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown, extra: { key?: string; ifMatch?: string; signal?: AbortSignal } = {}): Promise<T> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (extra.key) headers['Idempotency-Key'] = extra.key;
  if (extra.ifMatch) headers['If-Match'] = extra.ifMatch;
  const response = await call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: extra.signal });
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const post = <T>(path: string, body: unknown = {}, key?: string) => send<T>('POST', path, body, { key });

/** A query string of what is given; empty, null and undefined values are left out. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
  const all = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null && value !== '') all.set(name, String(value));
  }
  const text = all.toString();
  return text ? `?${text}` : '';
}

/** A part of a path that somebody else named. */
export const part = encodeURIComponent;

/** Reads a list page by page until `most` items are there. */
export async function list<T>(path: string, most = 500, signal?: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page: { items: T[]; next?: string } = await get(path + (after ? `${path.includes('?') ? '&' : '?'}after=${part(after)}` : ''), signal);
    items.push(...page.items);
    after = page.next;
  } while (after && items.length < most);
  return items;
}
