import { useRef, useState } from 'preact/hooks';
import { Refused, post } from '../../api/client';
import { nowMs, outcomeName } from '../../app/session';
import { Dialog, Field } from '../../parts/dialog';
import { count, kindName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import { actOnCase, localInput } from './acting';
import { type Case, type Order, actionsOf, decides, defaultOutcome, isMine, isOpenOrder, newKey, outcomesOf } from './model';
import { actionHint, actionName } from './words';

const w = words(
  {
    chosen: (n: string) => `${n} chosen`, clear: 'Choose none', on: (n: string, all: string) => `${n} of the ${all} cases chosen have a work order of yours that this can be done with.`, noOutcome: 'The stages of the cases chosen have no outcome in common: choose cases of one stage.', outcome: 'What came of it', own: 'As each stage has it by default',
    record: 'Cases whose stage asks for a record are left out: complete them one by one.', note: 'Note', why: 'Why', person: 'Person of the department', until: 'Until', done: (n: string, all: string, what: string) => `${what}: ${n} of ${all} done.`, merge: 'Merge', mergeHint: 'The others are closed; their reports, warnings and history go on in this one.', into: 'Case that they go on in', most: 'At most 200 at a time.', actions: 'With all that are chosen',
  },
  {
    chosen: n => `已选${n}件`, clear: '取消选择', on: (n, all) => `所选${all}件案件中，${n}件有您可执行此操作的工单。`, noOutcome: '所选案件的环节没有共同的处理结果，请选择同一环节的案件。', outcome: '处理结果', own: '按各环节默认结果',
    record: '需填写记录的环节不在批量范围内，请逐件办结。', note: '说明', why: '理由', person: '本部门经办人', until: '至', done: (n, all, what) => `${what}：${all}件中完成${n}件。`, merge: '并案', mergeHint: '其余案件结案，其上报、告警和办理经过并入本案继续办理。', into: '并入案件', most: '一次最多200件。', actions: '批量操作',
  },
);

const offered = ['accept', 'claim', 'complete', 'return', 'comment', 'assign', 'extend', 'park', 'resume', 'approve', 'refuse'];
const MOST = 200;

/** The work orders of the chosen cases that an action can be done with by this person: one a case, the lead's first. */
function ordersFor(cases: Case[], action: string): { order: Order; of: Case }[] {
  return cases.flatMap(of => {
    const able = of.workOrders.filter(order => isOpenOrder(order) && actionsOf(order, of.lead).includes(action) && (action !== 'complete' || order.role !== 'lead' || !order.asks?.length));
    const order = able.find(each => each.role === 'lead') ?? able[0];
    return order ? [{ order, of }] : [];
  });
}

export interface BulkOutcome {
  text: string;
  refused: { id: string; why: string }[];
}

/** What can be done with everything that is chosen. */
export function BulkBar({ cases, clear, done }: { cases: Case[]; clear: () => void; done: (outcome: BulkOutcome) => void }) {
  const [action, setAction] = useState('');
  const mayMerge = cases.length > 1 && cases.every(item => item.state === 'open') && (decides() || cases.every(item => isMine({ department: item.lead })));
  return (
    <div class="bulk" role="region" aria-label={w('actions')} data-test="bulk">
      <strong>{w('chosen', count(cases.length))}</strong>
      {offered
        .map(each => [each, ordersFor(cases, each).length] as const)
        .filter(([, many]) => many > 0)
        .map(([each, many]) => (
          <button key={each} type="button" class={each === 'accept' ? 'main' : ''} onClick={() => setAction(each)} data-test={`bulk-${each}`}>
            {actionName(each)} <span class="dim">{count(many)}</span>
          </button>
        ))}
      {mayMerge && (
        <button type="button" onClick={() => setAction('merge')} data-test="bulk-merge">
          {w('merge')}
        </button>
      )}
      <button type="button" class="quiet" onClick={clear}>
        {w('clear')}
      </button>
      {action === 'merge' ? (
        <MergeDialog cases={cases} close={() => setAction('')} done={done} />
      ) : action ? (
        <BulkDialog cases={cases} action={action} close={() => setAction('')} done={done} />
      ) : null}
    </div>
  );
}

function BulkDialog({ cases, action, close, done }: { cases: Case[]; action: string; close: () => void; done: (outcome: BulkOutcome) => void }) {
  const key = useRef(newKey());
  const all = ordersFor(cases, action);
  const codes = action === 'complete' ? all.map(({ order, of }) => outcomesOf(order, of.workflow)).reduce((common, each) => common.filter(code => each.includes(code)), outcomesOf(all[0]?.order ?? ({} as Order), all[0]?.of.workflow)) : [];
  const eachHasDefault = action === 'complete' && all.every(({ order, of }) => defaultOutcome(order, of.workflow));
  const [outcome, setOutcome] = useState(eachHasDefault ? '' : (codes[0] ?? ''));
  const [note, setNote] = useState('');
  const [to, setTo] = useState('');
  const [until, setUntil] = useState(localInput(nowMs.peek() + 7 * 86_400_000));
  const asksReason = action === 'extend' || action === 'park' || action === 'comment';
  const doIt = async () => {
    if (all.length > MOST) throw new Refused(0, w('most'));
    if (action === 'complete' && !codes.length && !eachHasDefault) throw new Refused(0, w('noOutcome'));
    const answer = await post<{ done: number; items: { id: string; status: number; detail?: string }[] }>(
      '/api/workorders/bulk',
      {
        action,
        ids: all.map(({ order }) => order.id),
        note: note.trim() || undefined,
        outcome: action === 'complete' ? outcome || undefined : undefined,
        to: action === 'assign' ? to : undefined,
        until: action === 'extend' || action === 'park' ? new Date(until).toISOString() : undefined,
      },
      key.current,
    );
    done({ text: w('done', count(answer.done), count(answer.items.length), actionName(action)), refused: answer.items.filter(item => item.status !== 200).map(item => ({ id: item.id, why: item.detail ?? '' })) });
  };
  return (
    <Dialog title={actionName(action)} act={doIt} actName={`${actionName(action)} (${count(all.length)})`} close={close}>
      <p class="dim">{actionHint(action)}</p>
      <p>{w('on', count(all.length), count(cases.length))}</p>
      {action === 'complete' && (
        <>
          <Field name={w('outcome')}>
            <select value={outcome} onChange={event => setOutcome(event.currentTarget.value)} data-test="outcome">
              {eachHasDefault && <option value="">{w('own')}</option>}
              {codes.map(code => (
                <option key={code} value={code}>
                  {outcomeName(code)}
                </option>
              ))}
            </select>
          </Field>
          <p class="dim">{w('record')}</p>
        </>
      )}
      {action === 'assign' && (
        <Field name={w('person')}>
          <input required maxLength={64} value={to} onInput={event => setTo(event.currentTarget.value)} />
        </Field>
      )}
      {(action === 'extend' || action === 'park') && (
        <Field name={w('until')}>
          <input type="datetime-local" required value={until} onInput={event => setUntil(event.currentTarget.value)} />
        </Field>
      )}
      <Field name={w(asksReason ? 'why' : 'note')}>
        <textarea required={asksReason} maxLength={1000} value={note} onInput={event => setNote(event.currentTarget.value)} data-test="note" />
      </Field>
    </Dialog>
  );
}

/** Which of the chosen cases the others go on in, and why. Each is merged by itself: one that cannot be keeps no other from it. */
function MergeDialog({ cases, close, done }: { cases: Case[]; close: () => void; done: (outcome: BulkOutcome) => void }) {
  const keys = useRef<Record<string, string>>({});
  // A storm's many subjects cannot be moved, so such a case is the one that the others go on in; else the oldest.
  const oldest = [...cases].sort((a, b) => Number(!!b.storm) - Number(!!a.storm) || a.opened.localeCompare(b.opened))[0]!;
  const [into, setInto] = useState(oldest.id);
  const [reason, setReason] = useState('');
  const doIt = async () => {
    const others = cases.filter(item => item.id !== into);
    const refused: BulkOutcome['refused'] = [];
    for (const item of others) {
      try {
        await actOnCase(item.id, 'merge', { into, reason: reason.trim() }, (keys.current[`${item.id}/${into}`] ??= newKey()));
      } catch (error) {
        if (!(error instanceof Refused) || error.status === 0) throw error;
        refused.push({ id: item.id, why: error.message });
      }
    }
    done({ text: w('done', count(others.length - refused.length), count(others.length), w('merge')), refused });
  };
  return (
    <Dialog title={w('merge')} act={doIt} actName={`${w('merge')} (${count(cases.length - 1)})`} close={close}>
      <fieldset class="checks">
        <legend>{w('into')}</legend>
        {cases.slice(0, 50).map(item => (
          <label key={item.id}>
            <input type="radio" name="into" checked={into === item.id} onChange={() => setInto(item.id)} /> {item.id} · {kindName(item.kind)} · {subjectName(item.subject)}
          </label>
        ))}
      </fieldset>
      <p class="dim">{w('mergeHint')}</p>
      <Field name={w('why')}>
        <textarea required maxLength={1000} value={reason} onInput={event => setReason(event.currentTarget.value)} data-test="reason" />
      </Field>
    </Dialog>
  );
}
