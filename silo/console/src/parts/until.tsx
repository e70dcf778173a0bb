import { useState } from 'preact/hooks';
import { nowMs } from '../app/session';
import { clock, span, words } from '../words/language';
import { Field } from './dialog';

const w = words({ until: 'Until', choose: 'a time that I choose', time: 'Date and time', ends: (t: string) => `Ends ${t}` }, { until: '结束', choose: '自选时间', time: '日期和时间', ends: t => `${t} 结束` });

const HOUR_MS = 3_600_000;

/** As an input of date and time takes it: this machine's own time, without a zone. */
const local = (ms: number) => new Date(ms - new Date(ms).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

export interface Until {
  hours: number;
  /** What was chosen instead, where hours is 0. */
  chosen: string;
}

export const useUntil = (hours = 4) => useState<Until>({ hours, chosen: local(Date.now() + 24 * HOUR_MS) });

/** The moment that was asked for, by the server's clock. */
export const untilTime = (until: Until): string => new Date(until.hours > 0 ? nowMs.peek() + until.hours * HOUR_MS : until.chosen).toISOString();

/** Asks how long something holds: some usual lengths, or a time. */
export function UntilField({ value, set, hours }: { value: Until; set: (value: Until) => void; hours: number[] }) {
  return (
    <>
      <Field name={w('until')} hint={value.hours > 0 ? w('ends', clock(nowMs.value + value.hours * HOUR_MS)) : undefined}>
        <select value={value.hours} onChange={event => set({ ...value, hours: Number(event.currentTarget.value) })}>
          {hours.map(each => (
            <option key={each} value={each}>
              {span(each * HOUR_MS)}
            </option>
          ))}
          <option value={0}>{w('choose')}</option>
        </select>
      </Field>
      {value.hours === 0 && (
        <Field name={w('time')}>
          <input type="datetime-local" required value={value.chosen} onInput={event => set({ ...value, chosen: event.currentTarget.value })} />
        </Field>
      )}
    </>
  );
}
