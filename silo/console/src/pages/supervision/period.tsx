import { me, nowMs, rulebook } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { DepartmentOptions, DistrictOptions } from '../../parts/districts';
import { query } from '../../api/client';
import { clock, day as dayName, words } from '../../words/language';

const w = words(
  { day: 'Day', week: 'Week', month: 'Month', before: 'Earlier', after: 'Later', date: 'Day in it', department: 'Department', district: 'District', all: 'All', csv: 'Download as CSV', period: 'Period', of: (days: string) => `${days}.`, reaches: (t: string) => `Records reach back to ${t}.` },
  { day: '日', week: '周', month: '月', before: '上一期', after: '下一期', date: '日期', department: '部门', district: '区域', all: '全部', csv: '下载CSV', period: '周期', of: days => `${days}。`, reaches: t => `记录可追溯至 ${t}。` },
);

const DAY_MS = 86_400_000;

/** Today in the city's calendar, as 2026-11-23. */
export const today = () => {
  const offset = (rulebook.value.calendar as { utcOffsetMinutes?: number } | undefined)?.utcOffsetMinutes ?? 480;
  return new Date(nowMs.peek() + offset * 60_000).toISOString().slice(0, 10);
};
export const addDays = (date: string, days: number) => new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

export interface Asked {
  period: string;
  day: string;
  department: string;
  district: string;
}

/** What the address asks for. */
export function asked(): Asked {
  const values = route.value.query;
  return { period: values.get('period') ?? 'day', day: values.get('day') ?? today(), department: values.get('department') ?? '', district: values.get('district') ?? '' };
}

export interface Period {
  from: string;
  to: string;
  reachesBackTo?: string;
}

/** From the first to the last day, as people write it. */
export const range = (of: Period) => (of.from === of.to ? dayName(`${of.from}T12:00:00`) : `${dayName(`${of.from}T12:00:00`)} – ${dayName(`${of.to}T12:00:00`)}`);

/** Chooses a day, week or month of the city's calendar, and within it a department and a district. The table that is shown is also there as a file. */
export function PeriodBar({ csv, departments = true }: { csv: Record<string, string>; departments?: boolean }) {
  const now = asked();
  const step = (way: number) => {
    const date = new Date(`${now.day}T00:00:00Z`);
    if (now.period === 'month') date.setUTCMonth(date.getUTCMonth() + way, 1);
    else date.setUTCDate(date.getUTCDate() + way * (now.period === 'week' ? 7 : 1));
    choose(date.toISOString().slice(0, 10));
  };
  const choose = (date: string) => setQuery({ day: date >= today() ? null : date });
  return (
    <div class="filters">
      <div class="segments" role="group" aria-label={w('period')}>
        {(['day', 'week', 'month'] as const).map(id => (
          <button key={id} aria-pressed={now.period === id} onClick={() => setQuery({ period: id === 'day' ? null : id })} data-test={`period-${id}`}>
            {w(id)}
          </button>
        ))}
      </div>
      <button onClick={() => step(-1)} aria-label={w('before')} title={w('before')}>
        ◀
      </button>
      <input type="date" aria-label={w('date')} value={now.day} max={today()} onChange={event => event.currentTarget.value && choose(event.currentTarget.value)} />
      <button onClick={() => step(1)} aria-label={w('after')} title={w('after')} disabled={now.day >= today()}>
        ▶
      </button>
      {departments && me.value?.role !== 'member' && (
        <select aria-label={w('department')} value={now.department} onChange={event => setQuery({ department: event.currentTarget.value })}>
          <option value="">
            {w('department')}: {w('all')}
          </option>
          <DepartmentOptions />
        </select>
      )}
      <select aria-label={w('district')} value={now.district} onChange={event => setQuery({ district: event.currentTarget.value })}>
        <option value="">
          {w('district')}: {w('all')}
        </option>
        <DistrictOptions />
      </select>
      <span class="grow" />
      <a class="button" href={`/api/scoreboard${query({ ...now, department: departments ? now.department : '', ...csv, format: 'csv' })}`} download data-test="csv">
        {w('csv')}
      </a>
    </div>
  );
}

export const Reaches = ({ of }: { of: Period }) => (
  <p class="dim">
    {w('of', range(of))} {of.reachesBackTo && w('reaches', clock(of.reachesBackTo))}
  </p>
);
