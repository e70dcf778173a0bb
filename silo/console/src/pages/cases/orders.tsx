import { departmentName, me, nowMs, outcomeName, stageName } from '../../app/session';
import { Age, At, Deadline, State } from '../../parts/bits';
import { choiceName, clock, count, say, span, words } from '../../words/language';
import { ActionButtons } from './actions';
import { type Case, type Order, actionsOf, isOpenOrder, stageOf } from './model';
import { actionName, roleName } from './words';

const w = words(
  {
    acceptBy: 'To be accepted', deadline: 'Deadline', issued: 'Issued', accepted: 'Accepted', by: (who: string) => `by ${who}`, person: 'Person', outcome: 'Outcome', finished: 'Finished', parked: (t: string) => `Parked until ${t}`, extended: (n: string) => `extended ${n}×`, wasParked: (n: string) => `parked ${n}×`,
    asks: (what: string, until: string) => `${what}: until ${until}`, open: 'not decided yet', offered: (who: string) => `May be claimed by: ${who}`, waits: 'It can be completed once the co-handlers are done.', attached: (n: string) => `Evidence brought: ${n}`, none: 'No work order is yours to see.', before: (n: string) => `Earlier work orders (${n})`, yours: 'yours',
    late: (t: string) => `NOT ACCEPTED, ${t} late`, left: (t: string) => `${t} left`,
  },
  {
    acceptBy: '签收时限', deadline: '办理时限', issued: '派单', accepted: '签收', by: who => `${who}`, person: '经办人', outcome: '处理结果', finished: '结束', parked: t => `挂账至${t}`, extended: n => `已延期${n}次`, wasParked: n => `已挂账${n}次`,
    asks: (what, until) => `${what}至${until}`, open: '待审批', offered: who => `可认领部门：${who}`, waits: '协办部门全部办结后才能办结。', attached: n => `证据${n}件`, none: '没有您可见的工单。', before: n => `此前工单（${n}）`, yours: '本部门',
    late: t => `逾期${t}未签收`, left: t => `剩余${t}`,
  },
);

function AcceptBy({ at }: { at: string }) {
  const left = Date.parse(at) - nowMs.value;
  return (
    <time dateTime={at} title={clock(at)} class={left < 0 ? 'late' : left < 1_800_000 ? 'soon' : ''}>
      {w(left < 0 ? 'late' : 'left', span(left))}
    </time>
  );
}

/** One work order: whose, in what state, its clocks, what is asked for, and what may be done. */
export function OrderCard({ order, found, choose, busy }: { order: Order; found: Case; choose: (order: Order, action: string) => void; busy?: boolean }) {
  const open = isOpenOrder(order);
  const actions = actionsOf(order, found.lead);
  const mayAct = actions.some(action => action !== 'comment' && action !== 'notify');
  const own = me.value?.role === 'member' && me.value.department === order.department;
  const record = Object.entries(order.record ?? {});
  const fields = stageOf(found.workflow, order.stage)?.record ?? [];
  return (
    <article class={`order ${open ? '' : 'over'}`} data-test="work-order" aria-label={`${departmentName(order.department)}, ${roleName(order.role)}`}>
      <div class="row">
        <span>
          <strong>{departmentName(order.department)}</strong> <span class="dim">· {roleName(order.role)} · {stageName(found.workflow, order.stage)}</span> {own && open && <span class="tag">{w('yours')}</span>}
        </span>
        <State of={order.state} />
      </div>
      <dl class="clocks">
        {open && order.state === 'issued' && order.acceptBy && (
          <div>
            <dt>{w('acceptBy')}</dt>
            <dd>
              <AcceptBy at={order.acceptBy} />
            </dd>
          </div>
        )}
        {open && order.state !== 'parked' && (
          <div>
            <dt>{w('deadline')}</dt>
            <dd>
              <Deadline at={order.deadline} />
              {order.extensions ? <span class="dim"> {w('extended', count(order.extensions))}</span> : null}
              {order.parkings ? <span class="dim"> {w('wasParked', count(order.parkings))}</span> : null}
            </dd>
          </div>
        )}
        <div>
          <dt>{w('issued')}</dt>
          <dd>
            <Age at={order.issued} />
          </dd>
        </div>
        {order.accepted && (
          <div>
            <dt>{w('accepted')}</dt>
            <dd>
              <Age at={order.accepted} /> {order.acceptedBy && <span class="dim">{w('by', order.acceptedBy)}</span>}
            </dd>
          </div>
        )}
        {order.assignee && (
          <div>
            <dt>{w('person')}</dt>
            <dd>{order.assignee}</dd>
          </div>
        )}
        {order.finished && (
          <div>
            <dt>{w('finished')}</dt>
            <dd>
              <At at={order.finished} /> {order.finishedBy && <span class="dim">{w('by', order.finishedBy)}</span>}
            </dd>
          </div>
        )}
        {order.outcome && (
          <div>
            <dt>{w('outcome')}</dt>
            <dd>
              <strong>{order.state === 'returned' ? departmentName(order.outcome) : outcomeName(order.outcome)}</strong>
            </dd>
          </div>
        )}
        {record.map(([id, value]) => (
          <div key={id}>
            <dt>{say(fields.find(field => field.id === id)?.name) || id}</dt>
            <dd>{choiceName(value)}</dd>
          </div>
        ))}
      </dl>
      {order.note && <p class="quote">{order.note}</p>}
      {order.attached ? <p class="dim">{w('attached', count(order.attached))}</p> : null}
      {order.parkedUntil && <p class="soon">{w('parked', clock(order.parkedUntil))}</p>}
      {order.request && (
        <p class="asked" data-test="asked">
          <strong>{w('asks', actionName(order.request.kind), clock(order.request.until))}</strong> · {w('open')} <span class="dim">({order.request.by})</span>
          <br />
          {order.request.reason}
        </p>
      )}
      {order.offeredTo && order.offeredTo.length > 0 && <p class="dim">{w('offered', order.offeredTo.map(departmentName).join(' · '))}</p>}
      {open && mayAct && order.role === 'lead' && !order.allowed.includes('complete') && order.state !== 'parked' && <p class="dim">{w('waits')}</p>}
      {open && <ActionButtons actions={actions} busy={busy} choose={action => choose(order, action)} />}
    </article>
  );
}

/** The open work orders of a case, the lead's first, and the earlier ones behind one line. */
export function Orders({ found, choose, busy }: { found: Case; choose: (order: Order, action: string) => void; busy?: boolean }) {
  const open = found.workOrders.filter(isOpenOrder).sort((a, b) => Number(b.role === 'lead') - Number(a.role === 'lead'));
  const over = found.workOrders.filter(order => !isOpenOrder(order)).reverse();
  if (!found.workOrders.length) return <p class="state">{w('none')}</p>;
  return (
    <>
      {open.map(order => (
        <OrderCard key={order.id} order={order} found={found} choose={choose} busy={busy} />
      ))}
      {over.length > 0 && (
        <details open={open.length === 0}>
          <summary>{w('before', count(over.length))}</summary>
          {over.map(order => (
            <OrderCard key={order.id} order={order} found={found} choose={choose} busy={busy} />
          ))}
        </details>
      )}
    </>
  );
}
