import { useEffect, useState } from 'preact/hooks';
import { casePath, go, route, setQuery } from '../../app/router';
import { anyStageName, departmentName, districtName, nowMs } from '../../app/session';
import { Age, Deadline, Severity, State, Table, Tabs } from '../../parts/bits';
import { Shown } from '../../parts/load';
import { Why } from '../../parts/why';
import { count, kindName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import { Board } from './Board';
import { type BulkOutcome, BulkBar } from './bulk';
import { FilterBar, asked, readFilters } from './filters';
import { KeyHelp } from './help';
import { type Case, acts, byDeadline, waitingSince } from './model';
import { lastSeen, reviewFrom, useKeys } from './review';
import { LIST, useCases } from './useCases';
import { resultName } from './words';
import './cases.css';

const w = words(
  {
    title: 'Cases', board: 'Board', list: 'List', by: 'Columns', byDeadline: 'by deadline', byStage: 'by stage', order: 'Order', newest: 'newest first', soonest: 'deadline first', gravest: 'gravest first', none: 'No case fits these filters.', severity: 'Severity', subject: 'Subject', kind: 'Kind', stage: 'Stage', lead: 'Lead', district: 'District', opened: 'Opened', deadline: 'Deadline', state: 'State', choose: 'Choose', all: 'Choose all that are shown',
    more: 'Show more', read: (n: string) => `The gravest of the ${n} that are due first; there are more.`, most: 'The first 500 are shown. Use the filters to see others.', shown: (n: string, all: string) => (n === all ? `${all} cases` : `${n} of ${all} cases`), shownOf: (n: string) => `the first ${n} cases`, not: (n: string) => `${n} were refused:`, waits: 'not accepted in time', keys: 'Keys', close: 'Close', next: 'next row', previous: 'previous row', open: 'open it', mark: 'choose it', help: 'these keys',
  },
  {
    title: '案件', board: '看板', list: '列表', by: '分列', byDeadline: '按时限', byStage: '按环节', order: '排序', newest: '最新在前', soonest: '时限在前', gravest: '严重在前', none: '没有符合条件的案件。', severity: '等级', subject: '对象', kind: '类型', stage: '环节', lead: '牵头部门', district: '区域', opened: '立案', deadline: '时限', state: '状态', choose: '选择', all: '选择当前全部',
    more: '显示更多', read: n => `按时限最先到期的${n}件中排列严重程度，另有更多案件。`, most: '只显示前500件，其余请用筛选查找。', shown: (n, all) => (n === all ? `共${all}件` : `显示${n}件，共${all}件`), shownOf: n => `显示前${n}件`, not: n => `${n}件未完成：`, waits: '逾期未签收', keys: '快捷键', close: '关闭', next: '下一行', previous: '上一行', open: '打开', mark: '选中', help: '本快捷键说明',
  },
);

/** What is put in order here, by gravity, has to be there: the server has the newest first, or what is due first. */
const ALL_ROWS = 500;
/** A board shows what is due first, in each of its columns. */
const BOARD_ROWS = 200;
const DRAWN = 100;

/** All cases that the filters leave: on a board for who supervises, in a list for who goes through them. */
export function CaseList() {
  const query = route.value.query;
  const view = query.get('view') === 'list' ? 'list' : 'board';
  const by = query.get('by') === 'stage' ? 'stage' : 'deadline';
  const order = query.get('order') ?? 'soonest';
  const filters = readFilters();
  const gravest = view === 'list' && order === 'gravest';
  const { loaded, more, atMost } = useCases({ ...asked(filters), order: view === 'list' && order === 'newest' ? undefined : 'deadline' }, gravest ? ALL_ROWS : view === 'board' ? BOARD_ROWS : undefined);
  const [drawn, setDrawn] = useState(DRAWN);
  const [outcome, setOutcome] = useState<BulkOutcome | null>(null);
  const sorted = (items: Case[]) => (gravest ? [...items].sort((a, b) => b.severity - a.severity || byDeadline(a, b)) : items);
  return (
    <>
      <div class="row">
        <h1>{w('title')}</h1>
        <div class="filters">
          <label class="filter inline">
            <span>{w(view === 'board' ? 'by' : 'order')}</span>
            {view === 'board' ? (
              <select value={by} onChange={event => setQuery({ by: event.currentTarget.value === 'stage' ? 'stage' : null })} data-test="board-by">
                <option value="deadline">{w('byDeadline')}</option>
                <option value="stage">{w('byStage')}</option>
              </select>
            ) : (
              <select value={order} onChange={event => setQuery({ order: event.currentTarget.value === 'soonest' ? null : event.currentTarget.value })} data-test="order">
                <option value="soonest">{w('soonest')}</option>
                <option value="newest">{w('newest')}</option>
                <option value="gravest">{w('gravest')}</option>
              </select>
            )}
          </label>
        </div>
      </div>
      <FilterBar filters={filters} />
      <Tabs of={[['board', w('board')], ['list', w('list')]]} chosen={view} choose={id => setQuery({ view: id === 'list' ? 'list' : null })} />
      {outcome && (
        <div class="panel outcome" role="status" data-test="bulk-outcome">
          <div class="row">
            <strong>{outcome.text}</strong>
            <button type="button" class="quiet" onClick={() => setOutcome(null)}>
              {w('close')}
            </button>
          </div>
          {outcome.refused.length > 0 && (
            <>
              <p class="error">{w('not', count(outcome.refused.length))}</p>
              <ul>
                {outcome.refused.slice(0, 20).map(item => (
                  <li key={item.id}>
                    {item.id}: {item.why}
                  </li>
                ))}
              </ul>
            </>
          )}
        </div>
      )}
      <Why look={LIST} of={loaded}>
        <Shown of={loaded}>
          {page => {
            const items = sorted(page.items);
            return (
              <>
                {items.length === 0 ? (
                  <p class="state">{w('none')}</p>
                ) : view === 'board' ? (
                  <Board items={items} by={by} />
                ) : (
                  <Rows
                    items={items.slice(0, drawn)}
                    all={items}
                    done={result => {
                      setOutcome(result);
                      loaded.reload();
                    }}
                  />
                )}
                <div class="buttons">
                  <span class="dim">{page.next ? w('shownOf', count(view === 'list' ? Math.min(drawn, items.length) : items.length)) : w('shown', count(view === 'list' ? Math.min(drawn, items.length) : items.length), count(items.length))}</span>
                  {(more || (view === 'list' && items.length > drawn)) && (
                    <button
                      type="button"
                      disabled={loaded.loading}
                      onClick={() => {
                        if (view === 'board' || items.length <= drawn) more?.();
                        if (view === 'list') setDrawn(drawn + DRAWN);
                      }}
                      data-test="more"
                    >
                      {w('more')}
                    </button>
                  )}
                  {page.next && gravest && <span class="dim">{w('read', count(page.items.length))}</span>}
                  {atMost && <span class="dim">{w('most')}</span>}
                </div>
              </>
            );
          }}
        </Shown>
      </Why>
    </>
  );
}

/** By the clock, so that only this is drawn anew each second. */
function NotAccepted({ of }: { of: Case }) {
  const waiting = waitingSince(of);
  return waiting?.acceptBy && Date.parse(waiting.acceptBy) < nowMs.value ? <div class="late">{w('waits')}</div> : null;
}

/** The list, with rows that can be chosen; J, K, Enter and X go through it. */
function Rows({ items, all, done }: { items: Case[]; all: Case[]; done: (outcome: BulkOutcome) => void }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string | null>(lastSeen.id || null);
  const [help, setHelp] = useState(false);
  const ids = items.map(item => item.id);
  const shown = items.filter(item => chosen.has(item.id));
  // What left the list is not chosen any more, so that nothing is done to what nobody sees.
  useEffect(() => {
    if (shown.length !== chosen.size) setChosen(new Set(shown.map(item => item.id)));
  }, [ids.join(' ')]);
  // Who comes back from a case finds its row.
  useEffect(() => {
    if (at) document.getElementById(`case-${at}`)?.scrollIntoView({ block: 'center' });
  }, []);
  // What is gone through is the whole list, also what is not drawn yet.
  const reviewAll = () => reviewFrom(all.map(item => item.id));
  const open = (id: string) => {
    reviewAll();
    go(casePath(id));
  };
  const step = (by: number) => () => {
    const now = at === null ? -1 : ids.indexOf(at);
    const next = ids[Math.min(ids.length - 1, Math.max(0, now + by))];
    if (!next) return;
    setAt(next);
    document.getElementById(`case-${next}`)?.scrollIntoView({ block: 'nearest' });
  };
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  useKeys({ j: step(1), k: step(-1), x: () => at && acts() && toggle(at), Enter: () => at && open(at), '?': () => setHelp(true) });
  const mayChoose = acts();
  return (
    <>
      {shown.length > 0 && (
        <BulkBar
          cases={shown}
          clear={() => setChosen(new Set())}
          done={outcome => {
            setChosen(new Set());
            done(outcome);
          }}
        />
      )}
      <div class="panel">
        <Table
          caption={w('title')}
          head={[
            ...(mayChoose ? [<input type="checkbox" aria-label={w('all')} checked={shown.length === items.length} onChange={event => setChosen(new Set(event.currentTarget.checked ? ids : []))} data-test="choose-all" />] : []),
            w('severity'),
            w('subject'),
            w('kind'),
            w('stage'),
            w('lead'),
            w('district'),
            w('opened'),
            w('deadline'),
            w('state'),
          ]}
        >
          {items.map(item => {
            return (
              <tr key={item.id} id={`case-${item.id}`} class={`case-row link ${item.id === at ? 'chosen' : ''}`} data-test="case-row" onClick={event => !(event.target as Element).closest('input, a, label') && open(item.id)}>
                {mayChoose && (
                  <td class="cell-choose">
                    <input type="checkbox" aria-label={`${w('choose')} ${item.id}`} checked={chosen.has(item.id)} onChange={() => toggle(item.id)} data-test="choose" />
                  </td>
                )}
                <td>
                  <Severity of={item.severity} />
                </td>
                <td class="cell-subject">
                  <a href={casePath(item.id)} onClick={reviewAll}>
                    <strong title={item.subject}>{subjectName(item.subject)}</strong>
                  </a>
                  <div class="dim">{item.id}</div>
                </td>
                <td class="cell-kind">{kindName(item.kind)}</td>
                <td>{anyStageName(item.stage)}</td>
                <td>{departmentName(item.lead)}</td>
                <td>{districtName(item.district)}</td>
                <td>
                  <Age at={item.opened} />
                </td>
                <td>{item.state === 'open' ? <Deadline at={item.deadline} /> : null}</td>
                <td>
                  <State of={item.state === 'open' ? (item.workOrders.findLast(order => order.role === 'lead')?.state ?? item.state) : item.state} /> {item.outcome && resultName(item.outcome)}
                  {item.workOrders.find(order => order.role === 'lead' && order.assignee)?.assignee}
                  <NotAccepted of={item} />
                </td>
              </tr>
            );
          })}
        </Table>
        <p class="dim keys-hint">
          <button type="button" class="quiet" onClick={() => setHelp(true)}>
            ? {w('keys')}
          </button>
        </p>
      </div>
      {help && <KeyHelp close={() => setHelp(false)} of={[['J', w('next')], ['K', w('previous')], ['Enter', w('open')], ['X', w('mark')], ['?', w('help')]]} />}
    </>
  );
}
