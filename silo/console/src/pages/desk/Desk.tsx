import { useEffect, useState } from 'preact/hooks';
import { go, route, setQuery } from '../../app/router';
import { department, departmentName, district, districtName, me } from '../../app/session';
import { Shown } from '../../parts/load';
import { Tabs } from '../../parts/bits';
import { count, words } from '../../words/language';
import { CaseView } from '../cases/CaseView';
import { type Order, acts, byDeadline, byTime } from '../cases/model';
import { useKeys } from '../cases/review';
import { Latest, Queue, Told } from './Queue';
import { ReportDialog } from './ReportDialog';
import { Reports } from './Reports';
import { allowNotifications, notifications, ring, rouse, sound } from './bell';
import { useDesk } from './feed';
import './desk.css';

const w = words(
  {
    title: 'Desk', queue: 'To do', told: 'Messages', reports: 'Reports', report: 'Report something', sound: 'Sound for danger', notify: 'Notification for danger', denied: 'The browser does not allow notifications from this site.', back: 'Back to the list', choose: 'Choose a work order on the left.', none: 'Nothing to do. New work appears here by itself.', title2: (n: string, t: string) => `(${n}) ${t}`, noDepartment: 'Your token is of no department; choose one above.',
  },
  {
    title: '工作台', queue: '待办', told: '消息', reports: '群众上报', report: '登记上报', sound: '危险警报响铃', notify: '危险警报通知', denied: '浏览器不允许本站发送通知。', back: '返回列表', choose: '请在左侧选择工单。', none: '暂无待办，新工单会自动出现在这里。', title2: (n, t) => `(${n}) ${t}`, noDepartment: '令牌不属于任何部门，请在上方选择部门。',
  },
);

/** What is due first stands first; what is parked last. */
const ordered = (rows: ReadonlyMap<string, Order>) => [...rows.values()].sort((a, b) => Number(a.state === 'parked') - Number(b.state === 'parked') || byDeadline(a, b) || byTime(a.issued, b.issued));

/** A department's desk: its own queue by deadline, live, beside the case that is worked on. */
export default function Desk() {
  const query = route.value.query;
  const tab = query.get('tab') ?? 'queue';
  const chosen = query.get('case');
  const open = (id: string) => setQuery({ case: id });
  const desk = useDesk(department.value, district.value, alert => rouse(alert, open));
  const [denied, setDenied] = useState(false);
  const rows = desk.rows.value && ordered(desk.rows.value);
  const waiting = rows?.filter(order => order.state === 'issued').length ?? 0;
  useEffect(() => {
    const before = document.title.replace(/^\(\d+\) /, '');
    document.title = waiting ? w('title2', String(waiting), before) : before;
    return () => {
      document.title = before;
    };
  }, [waiting]);
  // Another case is read from its beginning; the list beside it stays where it is.
  useEffect(() => {
    if (chosen) scrollTo(0, 0);
  }, [chosen]);
  const cases = [...new Set(rows?.map(order => order.case) ?? [])];
  const at = chosen ? cases.indexOf(chosen) : -1;
  const to = (id?: string) => (id ? () => open(id) : undefined);
  // With a case open its own keys do.
  useKeys(chosen ? {} : { j: to(cases[0]) });
  const setNotifications = async (on: boolean) => {
    const allowed = on && (await allowNotifications());
    setDenied(on && !allowed);
    notifications.value = allowed;
  };
  const loaded = { value: rows, error: desk.error.value, loading: rows === null, reload: () => desk.touch(null), set: () => {} };
  const switches = (
    <>
      <label class="check">
        <input
          type="checkbox"
          role="switch"
          checked={sound.value}
          onChange={event => {
            sound.value = event.currentTarget.checked;
            if (sound.value) ring();
          }}
          data-test="sound"
        />{' '}
        {w('sound')}
      </label>
      <label class="check">
        <input type="checkbox" role="switch" checked={notifications.value} onChange={event => void setNotifications(event.currentTarget.checked)} data-test="notifications" /> {w('notify')}
      </label>
    </>
  );
  return (
    <div class={`desk ${chosen ? 'with-case' : ''}`} data-test="desk">
      <div class="desk-head row">
        <h1>
          {w('title')} · {departmentName(department.value)} {district.value !== '*' && <span class="dim">{districtName(district.value)}</span>}
        </h1>
        <div class="buttons">
          {switches}
          {acts() && (
            <button type="button" onClick={() => setQuery({ report: 'new' })} data-test="report">
              {w('report')}
            </button>
          )}
        </div>
      </div>
      {denied && (
        <p class="error" role="alert">
          {w('denied')}
        </p>
      )}
      {me.value?.role !== 'member' && !department.value && <p class="state">{w('noDepartment')}</p>}
      <Tabs
        of={[
          ['queue', `${w('queue')} ${rows ? count(rows.length) : ''}`],
          ['told', `${w('told')} ${desk.told.value.length ? count(desk.told.value.length) : ''}`],
          ['reports', w('reports')],
        ]}
        chosen={tab}
        choose={id => setQuery({ tab: id === 'queue' ? null : id, case: null })}
      />
      {tab === 'reports' ? (
        <Reports />
      ) : (
        <>
          {rows && <Latest items={rows} fresh={desk.fresh.value} />}
          <div class="desk-columns">
            <div class="desk-list">
              {tab === 'told' ? (
                <Told items={desk.told.value} chosen={chosen} open={open} />
              ) : (
                <Shown of={loaded} empty={items => (items.length || desk.decisions.value.length ? null : w('none'))}>
                  {items => <Queue items={items} decisions={desk.decisions.value} fresh={desk.fresh.value} chosen={chosen} />}
                </Shown>
              )}
            </div>
            <div class="desk-case">
              {chosen ? (
                <>
                  <button type="button" class="desk-back" onClick={() => setQuery({ case: null })}>
                    ← {w('back')}
                  </button>
                  <CaseView
                    key={chosen}
                    id={chosen}
                    beside
                    field={innerWidth <= 900}
                    nudge={desk.nudges.value.get(chosen) ?? 0}
                    changed={desk.touch}
                    go={{ next: to(cases[at + 1]), previous: at > 0 ? to(cases[at - 1]) : undefined, back: () => setQuery({ case: null }) }}
                  />
                </>
              ) : (
                <p class="state">{w('choose')}</p>
              )}
            </div>
          </div>
        </>
      )}
      {query.get('report') === 'new' && (
        <ReportDialog
          close={() => route.peek().query.get('report') === 'new' && setQuery({ report: null })}
          filed={report => {
            go(`/desk?tab=reports&report=${encodeURIComponent(report.id)}`);
          }}
        />
      )}
    </div>
  );
}
