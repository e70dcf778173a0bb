import { useState } from 'preact/hooks';
import { casePath, route } from '../../app/router';
import { anyStageName, departmentName, districtName, me, nowMs } from '../../app/session';
import { Age, Deadline, Severity, State } from '../../parts/bits';
import { clock, count, kindName, say, span, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import type { Order } from '../cases/model';
import { actionName, alertName, roleName } from '../cases/words';
import type { Decision, DeskAlert } from './feed';

const w = words(
  {
    accept: (t: string) => `accept within ${t}`, late: (t: string) => `NOT ACCEPTED, ${t} late`, parked: (t: string) => `parked until ${t}`, decide: (what: string, who: string) => `${who}: ${what}`, claim: (who: string) => `May be claimed from ${who}`, decisions: 'To be decided or claimed', more: (n: string) => `Show more (${n})`, asks: (what: string) => `asked: ${what}`, none: 'No messages since this page was opened.', new: 'just in', latest: 'Last in:', danger: (n: string) => `${n} × DANGER not accepted`, queue: 'Work orders', told: 'Messages', noCase: 'Messages were missed while this desk was away. The list was read anew.', mine: 'you',
  },
  {
    accept: t => `须在${t}内签收`, late: t => `逾期${t}未签收`, parked: t => `挂账至${t}`, decide: (what, who) => `${who}：${what}`, claim: who => `可认领（原${who}）`, decisions: '待审批或可认领', more: n => `显示更多（${n}）`, asks: what => `已申请：${what}`, none: '打开本页后暂无消息。', new: '新到', latest: '最新：', danger: n => `${n}件危险工单未签收`, queue: '工单', told: '消息', noCase: '离线期间有消息未送达，列表已重新读取。', mine: '本人',
  },
);

const DRAWN = 60;
const DANGER = 4;
/** The clock for accepting is shown once it is near: before that the deadline is what counts. */
const ACCEPT_SOON_MS = 2 * 3_600_000;

/** The address of the desk with a case chosen; all else of it stays. */
const withCase = (id: string) => {
  const query = new URLSearchParams(route.value.query);
  query.set('case', id);
  return `/desk?${query}`;
};

function Accept({ at }: { at: string }) {
  const left = Date.parse(at) - nowMs.value;
  return <span class={left < 0 ? 'late' : left < 1_800_000 ? 'soon' : 'dim'}>{w(left < 0 ? 'late' : 'accept', span(left))}</span>;
}

/**
 * What came last, and danger that nobody has taken on, always in the same place: what is new may be due last, and so far down in the queue.
 */
export function Latest({ items, fresh }: { items: Order[]; fresh: ReadonlySet<string> }) {
  const latest = items.reduce<Order | null>((newest, order) => (!newest || order.issued > newest.issued ? order : newest), null);
  const danger = items.filter(order => order.severity >= DANGER && order.state === 'issued');
  const more = fresh.size - Number(latest !== null && fresh.has(latest.id));
  return (
    <div class="latest-line">
      {danger.length > 0 && (
        <a class="button danger-link" href={withCase(danger[0]!.case)} data-test="danger">
          {w('danger', count(danger.length))}
        </a>
      )}
      {latest && (
        <a key={latest.id} class={`card latest s${latest.severity} ${fresh.has(latest.id) ? 'new' : ''}`} href={withCase(latest.case)} data-test="latest">
          <span class="row">
            <span>
              <span class="dim">{w('latest')}</span> <strong>{subjectName(latest.subject)}</strong> {kindName(latest.kind)}
            </span>
            <span>
              {more > 0 && <b class="fresh">+{count(more)}</b>} <Severity of={latest.severity} /> <Age at={latest.issued} />
            </span>
          </span>
        </a>
      )}
    </div>
  );
}

/** The queue: what is due first stands first, what came just now is marked. */
export function Queue({ items, decisions, fresh, chosen }: { items: Order[]; decisions: Decision[]; fresh: ReadonlySet<string>; chosen: string | null }) {
  const [drawn, setDrawn] = useState(DRAWN);
  return (
    <>
      {decisions.length > 0 && (
        <section aria-label={w('decisions')} data-test="decisions">
          <h2>{w('decisions')}</h2>
          {decisions.slice(0, 20).map(({ order, of, what }) => (
            <a key={`${what}/${order.id}`} class={`card s${of.severity} ${of.id === chosen ? 'chosen' : ''}`} href={withCase(of.id)} data-test="decision">
              <span class="row">
                <strong>{what === 'decide' ? w('decide', actionName(order.request!.kind), departmentName(order.department)) : w('claim', departmentName(order.department))}</strong>
                <Severity of={of.severity} />
              </span>
              <span class="row">
                <span>
                  {subjectName(of.subject)} · {kindName(of.kind)}
                </span>
                <Deadline at={order.deadline} />
              </span>
              {order.request && <span class="dim brief">{order.request.reason}</span>}
            </a>
          ))}
        </section>
      )}
      <section aria-label={w('queue')} data-test="queue">
        {items.slice(0, drawn).map(order => (
          <Row key={order.id} order={order} fresh={fresh.has(order.id)} chosen={order.case === chosen} />
        ))}
        {items.length > drawn && (
          <button type="button" class="wide" onClick={() => setDrawn(drawn + DRAWN)} data-test="more">
            {w('more', count(items.length - drawn))}
          </button>
        )}
      </section>
    </>
  );
}

const Whose = ({ order }: { order: Order }) => <span class="dim">{order.assignee ? (order.assignee === me.value?.name ? w('mine') : order.assignee) : districtName(order.district)}</span>;

function Row({ order, fresh, chosen }: { order: Order; fresh: boolean; chosen: boolean }) {
  return (
    <a class={`card desk-row s${order.severity} ${fresh ? 'new' : ''} ${chosen ? 'chosen' : ''}`} href={withCase(order.case)} aria-current={chosen ? 'true' : undefined} data-test="desk-row">
      <span class="row">
        <span class="subject" title={order.subject}>{subjectName(order.subject)}</span>
        <span>
          {fresh && <b class="fresh">{w('new')}</b>} <Severity of={order.severity} />
        </span>
      </span>
      <span>
        <strong>{kindName(order.kind)}</strong> <span class="dim">· {anyStageName(order.stage)}{order.role === 'lead' ? '' : ` · ${roleName(order.role)}`}</span>
      </span>
      <span class="row">
        {order.state === 'parked' && order.parkedUntil ? <span class="dim">{w('parked', clock(order.parkedUntil))}</span> : <Deadline at={order.deadline} />}
        {order.state === 'issued' && order.acceptBy && Date.parse(order.acceptBy) - nowMs.value < ACCEPT_SOON_MS ? <Accept at={order.acceptBy} /> : <Whose order={order} />}
        <State of={order.state} />
      </span>
      {order.request && <span class="soon">{w('asks', actionName(order.request.kind))}</span>}
    </a>
  );
}

/** What the department was told since the page was opened, the newest first. */
export function Told({ items, chosen, open }: { items: DeskAlert[]; chosen: string | null; open: (id: string) => void }) {
  if (!items.length) return <p class="state">{w('none')}</p>;
  return (
    <section aria-label={w('told')} data-test="told">
      {items.map(alert =>
        alert.type === 'gap' ? (
          <p key={`gap-${alert.number}`} class="state">
            {w('noCase')}
          </p>
        ) : (
          <a
            key={alert.number}
            class={`card desk-row s${alert.severity} ${alert.case === chosen ? 'chosen' : ''}`}
            href={casePath(alert.case)}
            onClick={event => {
              event.preventDefault();
              open(alert.case);
            }}
            data-test="message"
          >
            <span class="row">
              <strong>{alertName(alert.type)}</strong>
              <Severity of={alert.severity} />
            </span>
            <span class="row">
              <span>
                {subjectName(alert.subject)} · {kindName(alert.kind)} <span class="dim">{roleName(alert.role)}</span>
              </span>
              <Age at={alert.at} />
            </span>
            <span class="dim brief">{say(alert.explanation)}</span>
          </a>
        ),
      )}
    </section>
  );
}
