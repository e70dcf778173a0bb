import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { type Refused, get } from '../api/client';
import { words } from '../words/language';
import { Field } from './dialog';
import type { Loaded } from './load';

const w = words(
  { ask: 'Why do you look?', text: 'This is shown here only with a reason. It is kept in the audit beside your name.', reason: 'Reason', show: 'Show' },
  { ask: '查询事由', text: '查看该内容须说明事由，事由与您的姓名一并记入审计。', reason: '事由', show: '查看' },
);

// Where a city wants reasons, one holds for a subject, a case or a sort of list as long as the browser's window is open: who follows one truck gives its reason once.
const given = signal(0);
const key = (of: string) => `why ${of}`;
const LAST = 'why';

/** The reason that was given for looks at this; empty where none was. */
export const reasonOf = (of: string) => (given.value >= 0 && sessionStorage.getItem(key(of))) || '';

function giveReason(of: string, reason: string): void {
  sessionStorage.setItem(key(of), reason);
  sessionStorage.setItem(LAST, reason);
  given.value++;
}

/** An address with the reason that was given for it: pictures and links have no header to say it in. */
export function withWhy(of: string, path: string): string {
  const reason = reasonOf(of);
  return reason ? `${path}${path.includes('?') ? '&' : '?'}reason=${encodeURIComponent(reason)}` : path;
}

/** Reads something with the reason that was given for it. */
export const look = <T,>(of: string, path: string, stop?: AbortSignal) => get<T>(withWhy(of, path), stop);

/** True where the server wants to be told why somebody looks. */
export const wantsReason = (error: Refused | null) => error?.status === 400 && error.problem.field === 'reason';

/** Asks why somebody looks; what was said last is said again with one press. */
export function AskWhy({ of, title, text, done }: { of: string; title?: string; text?: string; done?: () => void }) {
  const [reason, setReason] = useState(sessionStorage.getItem(LAST) ?? '');
  return (
    <form
      class="panel ask-why"
      data-test="ask-why"
      onSubmit={event => {
        event.preventDefault();
        if (!reason.trim()) return;
        giveReason(of, reason.trim());
        done?.();
      }}
    >
      <strong>{title ?? w('ask')}</strong>
      <p>{text ?? w('text')}</p>
      <Field name={w('reason')}>
        <input required autofocus maxLength={500} value={reason} onInput={event => setReason(event.currentTarget.value)} />
      </Field>
      <div class="buttons">
        <button class="main">{w('show')}</button>
      </div>
    </form>
  );
}

/** What was looked at; or the question why, where the server wants to know first. */
export const Why = <T,>({ look, of, children }: { look: string; of: Loaded<T>; children: ComponentChildren }) => (wantsReason(of.error) ? <AskWhy of={look} done={of.reload} /> : <>{children}</>);
