import { get, query } from '../../api/client';
import { departmentName, districtName, may, outcomeName } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Figure } from '../../parts/bits';
import { Share } from '../../parts/bars';
import { Shown, useLoad } from '../../parts/load';
import { Why, withWhy } from '../../parts/why';
import { count, kindName, percent, say, span, type Text, words } from '../../words/language';
import { asked, type Period, PeriodBar, Reaches, today } from './period';
import { Latest } from './Latest';
import { Trend } from './Trend';

export interface Line {
  key?: string;
  department?: string;
  name?: Text;
  received: number; accepted: number; completed: number; inTime: number; late: number; returned: number; withdrawn: number; parked: number; extended: number; missedDeadlines: number;
  openNow: number; overdueNow: number; hasty: number; casesOpened: number; casesClosed: number; reopened: number;
  medianAcceptMinutes?: number;
  medianHandleMinutes?: number;
  outcomes: { code: string; count: number }[];
}

export interface Board {
  period: Period;
  groupBy: string;
  hasty: { hastyMinutes: number; lookNeeded: boolean };
  total: Line;
  items: Line[];
}

const w = words(
  {
    by: 'By', department: 'Department', district: 'District', person: 'Person', kind: 'Kind', province: 'Home province', overdue: 'Overdue now', open: 'Open now', received: 'Received', accepted: 'Accepted', completed: 'Completed', inTime: 'Handled in time', late: 'Late', returned: 'Returned', reopened: 'Reopened', parked: 'Parked', extended: 'Extended',
    missed: 'Deadlines missed', accept: 'Median until accepted', handle: 'Median until completed', hasty: 'Hasty', outcomes: 'Outcomes', total: 'Total', nobody: 'nobody took it on yet', none: 'not a vehicle', noDistrict: 'no district', caption: 'Scoreboard, who is latest first',
    hastyIs: (min: string, look: boolean) => `Hasty: completed within ${min} of being accepted${look ? ', or without a look at the evidence' : ''}.`, well: 'Nobody is overdue.', empty: 'Nothing was received or handled in this period.', sort: 'Sort by', now: '“Now” is this moment, whatever the period.',
  },
  {
    by: '分组', department: '部门', district: '区域', person: '人员', kind: '类型', province: '注册省份', overdue: '当前逾期', open: '当前在办', received: '收到', accepted: '签收', completed: '办结', inTime: '按时办结', late: '逾期办结', returned: '退回', reopened: '重开', parked: '挂账', extended: '延期',
    missed: '错过时限', accept: '签收用时中位数', handle: '办理用时中位数', hasty: '草率办结', outcomes: '办理结果', total: '合计', nobody: '尚无人签收', none: '非车辆', noDistrict: '无区域', caption: '办理情况，逾期多者在前',
    hastyIs: (min, look) => `草率办结：签收后${min}内即办结${look ? '，或未查看证据即办结' : ''}。`, well: '当前没有逾期。', empty: '本期没有收到或办理的工单。', sort: '排序：', now: '“当前”指此刻，与所选周期无关。',
  },
);

const groups = ['department', 'district', 'person', 'kind', 'province'] as const;
const minutes = (value?: number) => (value === undefined ? '–' : span(value * 60_000));
const share = (of: Line) => (of.inTime + of.late > 0 ? of.inTime / (of.inTime + of.late) : null);

/** Columns that can be sorted by, the worst first. */
const measures: Record<string, (of: Line) => number> = {
  overdue: of => of.overdueNow, open: of => of.openNow, received: of => of.received, accepted: of => of.accepted, completed: of => of.completed, inTime: of => 1 - (share(of) ?? 1), missed: of => of.missedDeadlines, returned: of => of.returned,
  reopened: of => of.reopened, parked: of => of.parked, extended: of => of.extended, accept: of => of.medianAcceptMinutes ?? -1, handle: of => of.medianHandleMinutes ?? -1, hasty: of => of.hasty,
};
const columns = Object.keys(measures) as (keyof typeof measures & Parameters<typeof w>[0])[];

/** The scoreboard of what was done: who is late comes first. */
export function Work() {
  const now = asked();
  const wanted = route.value.query.get('groupBy') ?? 'department';
  const mayNamePersons = may.value.supervise || may.value.decide;
  const groupBy = groups.find(id => id === wanted && (id !== 'person' || mayNamePersons)) ?? 'department';
  const asks = `/api/scoreboard${query({ table: 'work', groupBy, ...now, day: now.day === today() ? '' : now.day })}`;
  // A table of persons is a look at persons: each reading of it is in the audit, so it is not read by itself again and again.
  const path = groupBy === 'person' ? withWhy('persons', asks) : asks;
  const board = useLoad(path, signal => get<Board>(path, signal), groupBy === 'person' ? undefined : now.period === 'day' ? 15_000 : 60_000);
  const sort = route.value.query.get('sort') ?? 'overdue';
  const measure = measures[sort] ?? measures.overdue!;
  return (
    <>
      <PeriodBar csv={{ table: 'work', groupBy }} />
      <div class="filters">
        <span class="dim">{w('by')}</span>
        <div class="segments" role="group" aria-label={w('by')}>
          {groups
            .filter(id => id !== 'person' || mayNamePersons)
            .map(id => (
              <button key={id} aria-pressed={groupBy === id} onClick={() => setQuery({ groupBy: id === 'department' ? null : id })} data-test={`by-${id}`}>
                {w(id)}
              </button>
            ))}
        </div>
      </div>
      <Why look="persons" of={board}>
        <Shown of={board}>
          {answer => {
            const lines = [...answer.items].sort((a, b) => measure(b) - measure(a) || b.overdueNow - a.overdueNow || b.openNow - a.openNow);
            return (
              <div class="stack">
                <Totals of={answer.total} />
                {answer.total.overdueNow === 0 && <p class="good all-well">✓ {w('well')}</p>}
                {lines.length === 0 ? (
                  <p class="state">{w('empty')}</p>
                ) : (
                  <section class="panel">
                    <div class="table" tabIndex={0} role="region" aria-label={w('caption')}>
                      <table class="scores">
                        <caption class="hidden">{w('caption')}</caption>
                        <thead>
                          <tr>
                            <th scope="col">{w(groupBy)}</th>
                            {columns.map(id => (
                              <th key={id} scope="col" aria-sort={sort === id ? 'descending' : undefined}>
                                <button onClick={() => setQuery({ sort: id === 'overdue' ? null : id })} title={`${w('sort')} ${w(id)}`}>
                                  {w(id)}
                                  {sort === id ? ' ▾' : ''}
                                </button>
                              </th>
                            ))}
                            <th scope="col">{w('outcomes')}</th>
                          </tr>
                        </thead>
                        <tbody>
                          {lines.slice(0, 300).map(line => (
                            <Row key={`${line.department}/${line.key}`} of={line} groupBy={groupBy} />
                          ))}
                        </tbody>
                        <tfoot>
                          <Row of={answer.total} groupBy="total" />
                        </tfoot>
                      </table>
                    </div>
                    <p class="dim">
                      {w('hastyIs', span(answer.hasty.hastyMinutes * 60_000), answer.hasty.lookNeeded)} {w('now')}
                    </p>
                  </section>
                )}
                {answer.total.overdueNow > 0 && <Latest department={now.department} district={now.district} />}
                <Trend department={now.department} district={now.district} reachesBackTo={answer.period.reachesBackTo} />
                <Reaches of={answer.period} />
              </div>
            );
          }}
        </Shown>
      </Why>
    </>
  );
}

function Totals({ of }: { of: Line }) {
  const inTime = share(of);
  return (
    <div class="figures" data-test="totals">
      <Figure name={w('overdue')} value={count(of.overdueNow)} tone={of.overdueNow > 0 ? 'late' : ''} href={cases({ overdue: 'yes' })} />
      <Figure name={w('open')} value={count(of.openNow)} href={cases({})} />
      <Figure name={w('inTime')} value={inTime === null ? '–' : percent(inTime, 0)} tone={inTime !== null && inTime < 0.9 ? 'late' : ''} />
      <Figure name={w('received')} value={count(of.received)} />
      <Figure name={w('completed')} value={count(of.completed)} />
      <Figure name={w('accept')} value={minutes(of.medianAcceptMinutes)} />
      <Figure name={w('handle')} value={minutes(of.medianHandleMinutes)} />
      <Figure name={w('hasty')} value={count(of.hasty)} />
      <Figure name={w('reopened')} value={count(of.reopened)} />
    </div>
  );
}

/** The list of cases with the filters that a figure is of. */
function cases(more: Record<string, string>): string {
  const now = asked();
  // The list shows open cases unless told otherwise, and the console's chosen district unless one is named.
  return `/cases${query({ view: 'list', department: now.department, district: now.district || '*', ...more })}`;
}

function nameOf(line: Line, groupBy: string): string {
  switch (groupBy) {
    case 'total':
      return w('total');
    case 'kind':
      return kindName(line.key ?? '');
    case 'person':
      return line.key ?? w('nobody');
    case 'province':
      return line.key ?? w('none');
    case 'district':
      return line.key ? districtName(line.key) : w('noDistrict');
    default:
      return say(line.name) || departmentName(line.key ?? '');
  }
}

function Row({ of, groupBy }: { of: Line; groupBy: string }) {
  const inTime = share(of);
  // The list of cases finds a person by the name, and knows no provinces: those lead to all cases.
  const filter: Record<string, string> =
    groupBy === 'kind' || groupBy === 'district' || groupBy === 'department' ? { [groupBy]: of.key ?? '' } : groupBy === 'person' ? { department: of.department ?? '', q: of.key ?? '' } : {};
  const link = (number: number, more: Record<string, string>, tone = '') =>
    number > 0 ? (
      <a class={tone} href={cases({ ...filter, ...more })}>
        {count(number)}
      </a>
    ) : (
      '0'
    );
  return (
    <tr class={of.overdueNow > 0 && groupBy !== 'total' ? 'behind' : ''} data-test={groupBy === 'total' ? 'score-total' : 'score-row'}>
      <td class="name">
        <strong>{nameOf(of, groupBy)}</strong>
        {groupBy === 'person' && of.department && <div class="dim">{departmentName(of.department)}</div>}
      </td>
      <td>
        {of.overdueNow > 0 ? (
          <Share of={of.overdueNow / Math.max(1, of.openNow)} tone="late">
            {link(of.overdueNow, { overdue: 'yes' }, 'late')} ({percent(of.overdueNow / Math.max(1, of.openNow), 0)})
          </Share>
        ) : (
          <span class="good">✓ 0</span>
        )}
      </td>
      <td>{link(of.openNow, {})}</td>
      <td>{count(of.received)}</td>
      <td>{count(of.accepted)}</td>
      <td>{count(of.completed)}</td>
      <td>{inTime === null ? '–' : <Share of={inTime} tone={inTime < 0.9 ? 'late' : 'good'}>{percent(inTime, 0)}</Share>}</td>
      <td class={of.missedDeadlines > 0 ? 'late' : ''}>{count(of.missedDeadlines)}</td>
      <td>{count(of.returned)}</td>
      <td>{count(of.reopened)}</td>
      <td>{count(of.parked)}</td>
      <td>{count(of.extended)}</td>
      <td>{minutes(of.medianAcceptMinutes)}</td>
      <td>{minutes(of.medianHandleMinutes)}</td>
      <td class={of.hasty > 0 ? 'soon' : ''}>{count(of.hasty)}</td>
      <td>
        {[...of.outcomes]
          .sort((a, b) => b.count - a.count)
          .slice(0, 3)
          .map(each => `${outcomeName(each.code)} ${count(each.count)}`)
          .join(', ')}
      </td>
    </tr>
  );
}
