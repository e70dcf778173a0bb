import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../api/client';
import { healed } from '../app/figures';
import { language, words } from '../words/language';

const w = words(
  { loading: 'Loading …', failed: 'The server did not answer.', again: 'Try again', gone: 'This is not known here.', forbidden: 'This is not for you.', invalid: 'What was asked for is not possible.', conflict: 'The state has changed meanwhile.', large: 'This is too large.', busy: 'The server is busy. Try again in a few seconds.' },
  { loading: '正在加载…', failed: '服务器无响应。', again: '重试', gone: '查无此项。', forbidden: '您没有此权限。', invalid: '填写内容不符合要求，请更正。', conflict: '状态已变化，请按最新情况办理。', large: '内容过大。', busy: '服务器繁忙，请稍后重试。' },
);

const sorts: Record<number, 'gone' | 'forbidden' | 'invalid' | 'conflict' | 'large' | 'busy' | undefined> = { 400: 'invalid', 403: 'forbidden', 404: 'gone', 409: 'conflict', 412: 'conflict', 413: 'large', 422: 'invalid', 429: 'busy', 503: 'busy' };

export interface Loaded<T> {
  value: T | null;
  error: Refused | null;
  loading: boolean;
  /** Reads it again; what is shown stays until the answer is there. */
  reload: () => void;
  set: (value: T) => void;
}

/**
 * Reads something when `key` changes, when the connection is back after it was lost, and every `everyMs` where that is given. What was read for an earlier key never overwrites what belongs to a later one.
 */
export function useLoad<T>(key: string | null, read: (signal: AbortSignal) => Promise<T>, everyMs?: number): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: Refused | null; loading: boolean }>({ key, value: null, error: null, loading: key !== null });
  const [turn, setTurn] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  const back = healed.value;
  useEffect(() => {
    if (key === null) return;
    const stop = new AbortController();
    setState(before => (before.key === key ? { ...before, loading: true } : { key, value: null, error: null, loading: true }));
    latest.current(stop.signal).then(
      value => !stop.signal.aborted && setState({ key, value, error: null, loading: false }),
      error => {
        if (stop.signal.aborted) return;
        if (!(error instanceof Refused)) console.error(error);
        setState(before => ({ key, value: before.key === key ? before.value : null, error: error instanceof Refused ? error : new Refused(0, ''), loading: false }));
      },
    );
    return () => stop.abort();
  }, [key, turn, back]);
  useEffect(() => {
    if (!everyMs || key === null) return;
    const timer = setInterval(() => !document.hidden && setTurn(value => value + 1), everyMs);
    return () => clearInterval(timer);
  }, [key, everyMs]);
  const current = state.key === key ? state : { value: null, error: null, loading: key !== null };
  return { ...current, reload: () => setTurn(value => value + 1), set: value => setState({ key, value, error: null, loading: false }) };
}

/** A sentence for what went wrong. The server says it in English; for who reads Chinese, words of our own say what sort of thing it is, before what the server says of the details. */
export function reason(error: unknown): string {
  if (!(error instanceof Refused)) return w('failed');
  const own = sorts[error.status];
  const said = error.message;
  if (!own) return said || w('failed');
  if (language.value !== 'zh' || !said) return said || w(own);
  return own === 'gone' || own === 'forbidden' ? w(own) : `${w(own)}（${said}）`;
}

/** What is there, or what is to be said instead of it: it loads, it failed, there is nothing. */
export function Shown<T>({ of, empty, children }: { of: Loaded<T>; empty?: (value: T) => string | null; children: (value: T) => preact.ComponentChildren }) {
  if (of.value === null) {
    return of.error ? (
      <p class="state error" role="alert">
        {reason(of.error)} <button onClick={of.reload}>{w('again')}</button>
      </p>
    ) : (
      <p class="state" aria-busy="true">
        {w('loading')}
      </p>
    );
  }
  const nothing = empty?.(of.value);
  return (
    <>
      {of.error && (
        <p class="state error" role="alert">
          {reason(of.error)} <button onClick={of.reload}>{w('again')}</button>
        </p>
      )}
      {nothing ? <p class="state">{nothing}</p> : children(of.value)}
    </>
  );
}
