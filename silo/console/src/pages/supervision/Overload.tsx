import { get, query } from '../../api/client';
import { districtName } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Figure, Panel } from '../../parts/bits';
import { Bars, Share, shortDay } from '../../parts/bars';
import { Shown, useLoad } from '../../parts/load';
import { percent, quantity, words } from '../../words/language';
import { addDays, asked, type Period, PeriodBar, Reaches, today } from './period';

interface Line {
  station: string;
  district: string;
  day?: string;
  weighings: number;
  over: number;
  overPct?: number;
  lastYearWeighings: number;
  lastYearOver: number;
  lastYearOverPct?: number;
  changePct?: number;
}

const w = words(
  {
    station: 'Station', rate: 'Over the limit', weighings: 'Weighed', over: 'Over', lastYear: 'A year before', change: 'Change', none: 'Nothing was weighed in this period.', caption: 'Stations by their overload rate', trend: 'Overload rate a day, the fortnight up to the chosen day', share: 'over the limit', table: 'As a table', nothing: 'no records', vehicles: 'vehicles', district: 'District',
    than: 'Change: against the same days a year before; a week against the same days of the week, 52 weeks before.',
  },
  {
    station: '站点', rate: '超限率', weighings: '称重', over: '超限', lastYear: '去年同期', change: '同比', none: '本期没有称重记录。', caption: '各站点超限率', trend: '每日超限率（截至所选日期的两周）', share: '超限', table: '以表格显示', nothing: '无记录', vehicles: '辆', district: '区域',
    than: '同比：与去年同日相比；按周时与52周前的同一周相比。',
  },
);

const TREND_DAYS = 14;
const sum = (lines: Line[], of: (line: Line) => number) => lines.reduce((total, line) => total + of(line), 0);

/** How much is overloaded at each station, beside a year before. */
export function Overload() {
  const now = asked();
  const base = { table: 'overload', department: '', district: now.district };
  const path = `/api/scoreboard${query({ ...base, period: now.period, day: now.day === today() ? '' : now.day })}`;
  const table = useLoad(path, signal => get<{ period: Period; items: Line[] }>(path, signal), 30_000);
  const days = `/api/scoreboard${query({ ...base, from: addDays(now.day, 1 - TREND_DAYS), to: now.day })}`;
  const trend = useLoad(days, signal => get<{ items: Line[] }>(days, signal));
  const byRate = route.value.query.get('sort') !== 'station';
  return (
    <>
      <PeriodBar csv={{ table: 'overload' }} departments={false} />
      <Shown of={table}>
        {answer => {
          const lines = answer.items.filter(line => !line.day).sort((a, b) => (byRate ? (b.overPct ?? 0) - (a.overPct ?? 0) : 0) || a.station.localeCompare(b.station, 'en', { numeric: true }));
          const weighed = sum(lines, line => line.weighings);
          const over = sum(lines, line => line.over);
          const weighedBefore = sum(lines, line => line.lastYearWeighings);
          const overBefore = sum(lines, line => line.lastYearOver);
          const most = Math.max(0.0001, ...lines.map(line => line.overPct ?? 0));
          return (
            <div class="stack">
              <div class="figures">
                <Figure name={w('rate')} value={weighed ? percent(over / weighed, 2) : '–'} />
                <Figure name={w('lastYear')} value={weighedBefore ? percent(overBefore / weighedBefore, 2) : w('nothing')} />
                <Figure name={w('weighings')} value={quantity(weighed, w('vehicles'))} />
                <Figure name={w('over')} value={quantity(over, w('vehicles'))} href={`/cases${query({ view: 'list', kind: 'over-road-limit', district: now.district || '*' })}`} />
              </div>
              <Panel>
                <Shown of={trend}>
                  {({ items }) => {
                    const dates = [...new Set(items.filter(line => line.day).map(line => line.day!))].sort();
                    return (
                      <Bars
                        title={w('trend')}
                        tableName={w('table')}
                        series={[{ name: w('share'), tone: 'other' }]}
                        format={value => quantity(value, '%', 2)}
                        of={dates.map(date => {
                          const on = items.filter(line => line.day === date);
                          return { label: shortDay(date), values: [(100 * sum(on, line => line.over)) / Math.max(1, sum(on, line => line.weighings))] };
                        })}
                      />
                    );
                  }}
                </Shown>
              </Panel>
              {lines.length === 0 ? (
                <p class="state">{w('none')}</p>
              ) : (
                <div class="table" tabIndex={0} role="region" aria-label={w('caption')}>
                  <table class="scores">
                    <caption class="hidden">{w('caption')}</caption>
                    <thead>
                      <tr>
                        <th scope="col" aria-sort={byRate ? undefined : 'ascending'}>
                          <button onClick={() => setQuery({ sort: 'station' })}>{w('station')}</button>
                        </th>
                        <th scope="col">{w('district')}</th>
                        <th scope="col" aria-sort={byRate ? 'descending' : undefined}>
                          <button onClick={() => setQuery({ sort: null })}>{w('rate')}</button>
                        </th>
                        <th scope="col">{w('over')}</th>
                        <th scope="col">{w('weighings')}</th>
                        <th scope="col">{w('lastYear')}</th>
                        <th scope="col">{w('change')}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {lines.slice(0, 300).map(line => (
                        <tr key={line.station} data-test="overload-row">
                          <td>
                            <a href={`/sources/${encodeURIComponent(line.station)}`}>
                              <strong>{line.station}</strong>
                            </a>
                          </td>
                          <td>{districtName(line.district)}</td>
                          <td>{line.overPct === undefined ? '–' : <Share of={line.overPct / most} tone="other">{quantity(line.overPct, '%', 2)}</Share>}</td>
                          <td>{quantity(line.over, w('vehicles'))}</td>
                          <td>{quantity(line.weighings, w('vehicles'))}</td>
                          <td>{line.lastYearOverPct === undefined ? <span class="dim">{w('nothing')}</span> : quantity(line.lastYearOverPct, '%', 2)}</td>
                          <td>{line.changePct === undefined ? '–' : <span class={line.changePct > 0 ? 'change-up' : 'change-down'}>{line.changePct > 0 ? '▲' : '▼'} {quantity(Math.abs(line.changePct), '%', 1)}</span>}</td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
              <p class="dim">
                {w('than')}
              </p>
              <Reaches of={answer.period} />
            </div>
          );
        }}
      </Shown>
    </>
  );
}
