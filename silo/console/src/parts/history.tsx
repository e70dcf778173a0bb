import { useEffect, useRef, useState } from 'preact/hooks';
import { query } from '../api/client';
import type { CaseRow, Page, Warning } from '../api/types';
import { casePath, route, setQuery, subjectPath } from '../app/router';
import { figureName, figureValue, valueName } from '../words/figures';
import { clock, count, day, kg, kindName, language, stateName, timeOfDay, words } from '../words/language';
import { Severity } from './bits';
import { eventName } from './events';
import { reason, Shown, useLoad } from './load';
import { chosenTime } from './subject';
import { look, reasonOf } from './why';
import { WhyWarning } from './warning';
import './history.css';

export interface HistoryEntry {
  kind: string;
  position: number;
  received: string;
  at?: string;
  late?: boolean;
  source?: string;
  id?: string;
  change?: string;
  figures?: Record<string, number | string>;
  detail?: Record<string, unknown>;
}

const w = words(
  {
    title: 'History', all: 'All', none: 'Nothing of this kind was recorded.', more: 'Show more', late: 'came late', table: 'As a table (CSV)', back: (t: string) => `The record reaches back to ${t}.`, kinds: 'What to show', details: 'Details', why: 'Why', newer: 'Show what came since',
    weigh: 'Weighings', video: 'Sightings', telemetry: 'Telemetry', plant: 'Plant', ledger: 'Ledger', status: 'Status', warning: 'Warnings', case: 'Cases', published: 'Published', registered: 'Registrations', action: 'Actions', 'work-order': 'Work orders', message: 'Messages', reminder: 'Reminders',
    opened: 'opened', updated: 'goes on', cleared: 'cleared', caseOpened: 'case opened', caseClosed: 'case closed', events: 'Camera events',
  },
  {
    title: '历史记录', all: '全部', none: '无此类记录。', more: '显示更多', late: '迟到数据', table: '导出表格（CSV）', back: t => `记录最早可追溯至${t}。`, kinds: '显示内容', details: '详情', why: '告警原因', newer: '显示新记录',
    weigh: '称重', video: '抓拍', telemetry: '车载数据', plant: '装置数据', ledger: '台账', status: '状态', warning: '告警', case: '案件', published: '发布', registered: '登记', action: '操作', 'work-order': '工单', message: '消息', reminder: '提醒',
    opened: '产生', updated: '持续', cleared: '解除', caseOpened: '立案', caseClosed: '结案', events: '摄像头事件',
  },
);
type Word = 'weigh';
const entryKind = (kind: string) => (kind in ICONS ? w(kind as Word) : kind);
const ICONS: Record<string, string> = { weigh: '⚖', video: '◉', telemetry: '⌁', plant: '▣', ledger: '≡', status: '•', warning: '▲', case: '§', published: '↥', registered: '✎', action: '✓', 'work-order': '☐', message: '✉', reminder: '◷' };

const MESSAGES: Record<string, [string, string]> = {
  'shipment-received': ['the receiver says what it has of a shipment', '收货方答复收货情况'],
  'shipment-sent': ['a shipper says that something is on its way here', '发货方通知在途货物'],
  'case-opened': ['case opened', '立案'],
  'case-closed': ['case closed', '结案'],
  'case-reopened': ['case opened again', '重新立案'],
  'warning-joined': ['warning joined the case', '告警并入案件'],
  'seal-evidence': ['evidence sealed', '证据固化'],
  'alert-issued': ['alert issued', '告警下发'],
};
const message = (code: string) => MESSAGES[code]?.[language.value === 'zh' ? 1 : 0] ?? code;

/** Of each kind the figures that stand in the line itself; the others are among the details. */
const FIRST: Record<string, string[]> = {
  weigh: ['grossKg', 'axleCount', 'speedKmh', 'lane'],
  video: ['event', 'confidence', 'vehicleClass', 'hazardPlate'],
  telemetry: ['speedKmh', 'pressureKpa', 'temperatureC', 'levelPct', 'valve'],
  plant: ['unit', 'substance', 'pressureKpa', 'temperatureC', 'levelPct', 'massKg', 'gasPpm', 'gasPctLel'],
  ledger: ['action', 'substance', 'massKg', 'counterparty', 'plate', 'waybill'],
  status: ['online'],
};
const BARE = ['event', 'action', 'unit', 'substance', 'vehicleClass'];

function Figures({ of, names }: { of: Record<string, number | string>; names: string[] }) {
  const here = names.filter(name => of[name] !== undefined);
  return (
    <>
      {here.map(name => (
        <span key={name} class="history-figure">
          {!BARE.includes(name) && <span class="dim">{figureName(name).name} </span>}
          {name === 'event' ? eventName(String(of[name])) : name === 'counterparty' ? <a href={subjectPath('enterprise', String(of[name]))}>{of[name]}</a> : figureValue(name, of[name])}
        </span>
      ))}
    </>
  );
}

function Line({ of }: { of: HistoryEntry }) {
  const detail = of.detail ?? {};
  if (of.kind === 'warning') {
    const warning = detail as unknown as Warning;
    return (
      <details class="history-more">
        <summary>
          <Severity of={warning.severity} /> <strong>{kindName(warning.kind)}</strong> <span class={of.change === 'cleared' ? 'good' : ''}>{['opened', 'updated', 'cleared'].includes(of.change ?? '') ? w(of.change as 'opened') : of.change}</span> · <span class="dim">{w('why')}</span>
        </summary>
        <WhyWarning warning={warning} />
      </details>
    );
  }
  if (of.kind === 'case') {
    const row = detail as unknown as CaseRow;
    return row.id ? (
      <span>
        <a href={casePath(row.id)}>{row.id}</a> {w(of.change === 'closed' ? 'caseClosed' : 'caseOpened')} · {kindName(row.kind)} <Severity of={row.severity} /> · {stateName(row.state)}
      </span>
    ) : (
      <>{(of.change ?? '').split('/').map(stateName).join(' · ')}</>
    );
  }
  const first = FIRST[of.kind] ?? [];
  const rest = Object.keys(of.figures ?? {}).filter(name => !first.includes(name));
  const more = Object.entries(detail).filter(([, value]) => value !== null && typeof value !== 'object');
  return (
    <>
      <span class="history-line">
        {of.change && <span>{of.kind === 'message' ? message(of.change) : stateName(of.change)}</span>}
        {of.figures && <Figures of={of.figures} names={first} />}
        {of.source && (
          <span class="history-figure">
            <a href={subjectPath('source', of.source)}>{of.source}</a>
          </span>
        )}
        {of.late && <span class="tag">{w('late')}</span>}
      </span>
      {(rest.length > 0 || more.length > 0) && (
        <details class="history-more">
          <summary class="dim">{w('details')}</summary>
          <dl class="facts">
            {rest.map(name => (
              <div key={name}>
                <dt>{figureName(name).name}</dt>
                <dd>{name === 'axles' ? String(of.figures![name]).replace(/(\d+)@([\d.]+)/g, '$1\u202fkg @ $2\u202fm;').replace(/;$/, '') : figureValue(name, of.figures![name])}</dd>
              </div>
            ))}
            {more.map(([name, value]) => (
              <div key={name}>
                <dt>{figureName(name).name}</dt>
                <dd>{name === 'grams' ? kg(Number(value) / 1000) : typeof value === 'number' ? figureValue(name, value) : /^\d{4}-\d\d-\d\dT/.test(String(value)) ? clock(String(value)) : valueName(String(value))}</dd>
              </div>
            ))}
          </dl>
          <small class="dim">{of.id}</small>
        </details>
      )}
    </>
  );
}

/** As long as nobody has paged on, the newest page is read again this often; each time is an entry of the audit. */
const READ_EVERY_MS = 30_000;
const PAGE = 40;
const MOST_ROWS = 400;
const timeOf = (entry: HistoryEntry) => entry.at ?? entry.received;

/**
 * What came in about a subject and what followed, newest first, by kinds that the address names. `cases` are woven in where the subject's own history has none: those are of their cases' histories.
 */
export function History({ base, kinds, cases }: { base: string; kinds: string[]; cases?: CaseRow[] }) {
  const at = chosenTime();
  const chosen = (route.value.query.get('kinds') ?? '').split(',').filter(kind => kinds.includes(kind));
  const asked = chosen.length > 0 ? chosen : kinds;
  const server = asked.filter(kind => kind !== 'case' || !cases);
  const path = (cursor?: string) => `${base}/history${query({ kinds: server.join(','), to: at, limit: PAGE, cursor })}`;
  const [more, setMore] = useState<{ key: string; entries: HistoryEntry[]; next?: string | null; busy: boolean; error: string }>({ key: '', entries: [], busy: false, error: '' });
  const key = path() + reasonOf(base);
  const further = more.key === key ? more : { key, entries: [], next: undefined, busy: false, error: '' };
  const first = useLoad<Page<HistoryEntry> & { reachesBackTo?: string }>(server.length > 0 ? key : null, stop => look(base, path(), stop), at || further.entries.length > 0 ? undefined : READ_EVERY_MS);
  const latest = useRef(key);
  latest.current = key;
  useEffect(() => setMore({ key, entries: [], next: undefined, busy: false, error: '' }), [first.value]);
  const next = further.next === undefined ? first.value?.next : further.next;
  const told = cases ? (entry: HistoryEntry) => !(entry.kind === 'message' && /^case-/.test(entry.change ?? '')) : () => true;
  const entries = [...(server.length > 0 ? (first.value?.items ?? []) : []), ...further.entries].filter(told);
  const oldest = next && entries.length > 0 ? timeOf(entries[entries.length - 1]) : '';
  if (cases && asked.includes('case')) {
    for (const row of cases) {
      const opened: HistoryEntry = { kind: 'case', change: 'opened', position: 0, received: row.opened, id: row.id, detail: row as unknown as Record<string, unknown> };
      if (row.opened >= oldest && (!at || row.opened <= at)) entries.push(opened);
      if (row.closed && row.closed >= oldest && (!at || row.closed <= at)) entries.push({ ...opened, change: 'closed', received: row.closed });
    }
    entries.sort((a, b) => Date.parse(timeOf(b)) - Date.parse(timeOf(a)));
  }
  const showMore = async () => {
    setMore({ ...further, busy: true, error: '' });
    try {
      const page = await look<Page<HistoryEntry>>(base, path(next ?? undefined));
      if (latest.current === key) setMore({ key, entries: [...further.entries, ...page.items], next: page.next ?? null, busy: false, error: '' });
    } catch (error) {
      if (latest.current === key) setMore({ ...further, busy: false, error: reason(error) });
    }
  };
  const toggle = (kind: string) => {
    const then = chosen.includes(kind) ? chosen.filter(each => each !== kind) : [...chosen, kind];
    setQuery({ kinds: then.length === kinds.length ? null : then.join(',') });
  };
  let lastDay = '';
  return (
    <section class="panel" aria-labelledby="history-title" data-test="history">
      <div class="panel-head">
        <h2 id="history-title">{w('title')}</h2>
        <span class="grow" />
        {!at && (
          <button class="quiet" onClick={first.reload}>
            {w('newer')}
          </button>
        )}
        <a class="button" download href={`${base}/history${query({ kinds: server.join(','), to: at, format: 'csv', reason: reasonOf(base) })}`}>
          {w('table')}
        </a>
      </div>
      <div class="filters" role="group" aria-label={w('kinds')}>
        <button aria-pressed={chosen.length === 0} class={chosen.length === 0 ? 'pressed' : ''} onClick={() => setQuery({ kinds: null })}>
          {w('all')}
        </button>
        {kinds.map(kind => (
          <button key={kind} aria-pressed={chosen.includes(kind)} class={chosen.includes(kind) ? 'pressed' : ''} onClick={() => toggle(kind)} data-test={`kind-${kind}`}>
            <span aria-hidden="true">{ICONS[kind]} </span>
            {entryKind(kind)}
          </button>
        ))}
      </div>
      {server.length > 0 && first.value === null ? (
        <Shown of={first}>{() => null}</Shown>
      ) : entries.length === 0 ? (
        <p class="state">{w('none')}</p>
      ) : (
        <ol class="history">
          {entries.slice(0, MOST_ROWS + PAGE).map((entry, i) => {
            const time = timeOf(entry);
            const date = day(time);
            const heading = date !== lastDay && date;
            lastDay = date;
            return (
              <li key={`${entry.kind} ${entry.position} ${entry.id ?? i} ${entry.change ?? ''}`} class={`history-${entry.kind}`} data-test="history-entry">
                {heading && <h3 class="history-day">{heading}</h3>}
                <div class="history-row">
                  <time dateTime={time} title={clock(time)}>
                    {timeOfDay(time)}
                  </time>
                  <span class="history-kind">
                    <span aria-hidden="true">{ICONS[entry.kind]} </span>
                    {entryKind(entry.kind)}
                  </span>
                  <div class="history-what">
                    <Line of={entry} />
                  </div>
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {further.error && <p class="error">{further.error}</p>}
      {next && entries.length < MOST_ROWS ? (
        <div class="buttons">
          <button onClick={showMore} disabled={further.busy} data-test="history-more">
            {w('more')}
          </button>
          <span class="dim">{count(entries.length)}</span>
        </div>
      ) : (
        first.value?.reachesBackTo && !next && <p class="dim">{w('back', clock(first.value.reachesBackTo))}</p>
      )}
    </section>
  );
}

