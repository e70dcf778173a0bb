import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { query } from '../api/client';
import { nowMs } from '../app/session';
import { route, setQuery } from '../app/router';
import { clock, count, span, words } from '../words/language';
import { type Loaded, Shown, useLoad } from './load';
import { AskWhy, look, reasonOf, wantsReason } from './why';
import './subject.css';

const w = words(
  {
    askText: 'Where a vehicle is, and what is known of a subject, is shown here only with a reason. It is kept in the audit beside your name.', past: (t: string) => `AS IT WAS at ${t}`, ago: (t: string) => `${t} ago. This is not the state now.`,
    backTo: (t: string) => `The record reaches back to ${t}.`, position: (n: string) => `Last record in it: number ${n}.`, now: 'Back to now', at: 'State as of', go: 'Show this time', read: (t: string) => `read ${t}`, again: 'Read again', gone: (t: string) => `The record does not reach that far; it begins at ${t}.`,
  },
  {
    askText: '查看车辆行踪及对象信息须说明事由，事由与您的姓名一并记入审计。', past: t => `历史状态：${t}`, ago: t => `${t}前的状态，并非当前。`,
    backTo: t => `记录最早可追溯至${t}。`, position: n => `所含最后一条记录：第${n}号。`, now: '返回当前', at: '查看时刻', go: '查看该时刻', read: t => `读取于${t}`, again: '刷新', gone: t => `记录最早为${t}，无法追溯到该时刻。`,
  },
);

export interface AsOf {
  at: string;
  position?: number;
  reachesBackTo?: string;
}

/** What of a subject's state every kind has. */
export interface SubjectState {
  id: string;
  lastSeen?: string;
  asOf?: AsOf;
}

/** The chosen time of the address, as the server takes it; null for now. */
export const chosenTime = (): string | null => {
  const at = route.value.query.get('at');
  return at && Number.isFinite(Date.parse(at)) ? new Date(at).toISOString() : null;
};

/** Each look is an entry of the audit, so a state is read again this often and not with every alert. */
const READ_EVERY_MS = 15_000;

/** The state of a subject, now or as of the address's `at`. */
export function useSubject<T extends SubjectState>(base: string): Loaded<T> & { at: string | null } {
  const at = chosenTime();
  const loaded = useLoad<T>(`${base}${query({ at })} ${reasonOf(base)}`, stop => look<T>(base, base + query({ at }), stop), at ? undefined : READ_EVERY_MS);
  return { ...loaded, at };
}

const local = (ms: number) => {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 19);
};

/** Chooses the time that a state is shown of. */
export function TimeChooser({ readAgain }: { readAgain: () => void }) {
  const at = chosenTime();
  const [text, setText] = useState('');
  const choose = (event: Event) => {
    event.preventDefault();
    const ms = Date.parse(text || local(at ? Date.parse(at) : nowMs.value));
    if (Number.isFinite(ms)) setQuery({ at: new Date(Math.min(ms, nowMs.value)).toISOString() });
  };
  return (
    <form class="time-chooser" onSubmit={choose}>
      <label>
        <span class="dim">{w('at')} </span>
        <input type="datetime-local" step={1} data-test="as-of" max={local(Math.floor(nowMs.value / 60_000) * 60_000 + 60_000)} value={text || (at ? local(Date.parse(at)) : '')} onInput={event => setText(event.currentTarget.value)} />
      </label>
      <button>{w('go')}</button>
      {at ? (
        <button
          type="button"
          onClick={() => {
            setText('');
            setQuery({ at: null });
          }}
        >
          {w('now')}
        </button>
      ) : (
        <button type="button" class="quiet" onClick={readAgain} title={w('again')} aria-label={w('again')}>
          ↻
        </button>
      )}
    </form>
  );
}

/** Says that what is shown is the past. */
function PastBanner({ asOf }: { asOf: AsOf }) {
  return (
    <div class="past-banner" role="status" data-test="past">
      <strong>{w('past', clock(asOf.at))}</strong>
      <span>{w('ago', span(nowMs.value - Date.parse(asOf.at)))}</span>
      {asOf.position !== undefined && <span>{w('position', count(asOf.position))}</span>}
      {asOf.reachesBackTo && <span>{w('backTo', clock(asOf.reachesBackTo))}</span>}
      <button onClick={() => setQuery({ at: null })}>{w('now')}</button>
    </div>
  );
}

/** A subject's state with everything around it that all kinds have: the reason, the time, the banner of the past. */
export function SubjectFrame<T extends SubjectState>({ base, of, title, children }: { base: string; of: Loaded<T> & { at: string | null }; title: ComponentChildren; children: (state: T) => ComponentChildren }) {
  const reaches = of.error?.problem.reachesBackTo;
  return (
    <div class={`stack subject-page ${of.at ? 'past' : ''}`}>
      <div class="row subject-head">
        {title}
        <span class="grow" />
        <TimeChooser readAgain={of.reload} />
      </div>
      {of.at && <PastBanner asOf={of.value?.asOf ?? { at: of.at, reachesBackTo: typeof reaches === 'string' ? reaches : undefined }} />}
      {wantsReason(of.error) ? <AskWhy of={base} text={w('askText')} /> : of.error?.status === 410 && typeof reaches === 'string' ? <p class="state error">{w('gone', clock(reaches))}</p> : <Shown of={of}>{children}</Shown>}
    </div>
  );
}
