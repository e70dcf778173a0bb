import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Field } from './dialog';
import type { Loaded } from './load';
import { words } from '../words/language';

const w = words(
  { ask: 'Why do you look?', text: 'This is shown here only with a reason. It is kept in the audit beside your name.', reason: 'Reason', show: 'Show' },
  { ask: '查询事由', text: '查看该内容须说明事由，事由与您的姓名一并记入审计。', reason: '事由', show: '查看' },
);

// Where a city wants reasons, one holds for a sort of look as long as the browser's window is open.
const given = signal(0);
const key = (look: string) => `why ${look}`;

/** The address of a look with the reason that was given for looks of this sort. */
export function withWhy(look: string, path: string): string {
  const reason = given.value >= 0 ? sessionStorage.getItem(key(look)) : null;
  return reason ? `${path}${path.includes('?') ? '&' : '?'}reason=${encodeURIComponent(reason)}` : path;
}

/** What was looked at; or the question why, where the server wants to know first. */
export function Why<T>({ look, of, children }: { look: string; of: Loaded<T>; children: ComponentChildren }) {
  const [reason, setReason] = useState('');
  if (of.error?.status !== 400 || of.error.problem.field !== 'reason') return <>{children}</>;
  return (
    <form
      class="panel"
      data-test="why"
      onSubmit={event => {
        event.preventDefault();
        sessionStorage.setItem(key(look), reason.trim());
        given.value++;
      }}
    >
      <strong>{w('ask')}</strong>
      <p>{w('text')}</p>
      <Field name={w('reason')}>
        <input required value={reason} onInput={event => setReason(event.currentTarget.value)} />
      </Field>
      <div class="buttons">
        <button class="main">{w('show')}</button>
      </div>
    </form>
  );
}
