import { useRef, useState } from 'preact/hooks';
import { Refused, part, post } from '../../api/client';
import { departmentName, nowMs, rulebook } from '../../app/session';
import { Dialog, Field } from '../../parts/dialog';
import { words } from '../../words/language';
import { type ActionBody, act, explained, localInput } from './acting';
import { HandlingFields, useHandling } from './complete';
import { Files } from './files';
import { newKey, type Order } from './model';
import { actionHint, actionName } from './words';

const w = words(
  {
    note: 'Note', why: 'Why', asks: 'What is asked of the subject', person: 'Person of the department', department: 'Department', lead: 'Lead', coHandlers: 'Co-handlers', until: 'New deadline', restUntil: 'Rests until', acceptBy: 'To be accepted by', answerUntil: 'Answer until', choose: 'Choose …',
    chooseOne: 'Choose at least one department.', sayOr: 'Write a note or attach a file.', to: 'To', more: 'More',
  },
  {
    note: '说明', why: '理由', asks: '对当事人的要求', person: '本部门经办人', department: '部门', lead: '牵头部门', coHandlers: '协办部门', until: '新时限', restUntil: '挂账至', acceptBy: '签收时限', answerUntil: '答复时限', choose: '请选择…',
    chooseOne: '请至少选择一个部门。', sayOr: '请填写说明或上传附件。', to: '转至', more: '更多',
  },
);

const needsReason = ['dispute', 'extend', 'park'];
const HOUR_MS = 3_600_000;

/** Departments that a work order may be given to or asked to join: all but its own and the command centre. */
const others = (order: Order) => rulebook.value.departments.filter(item => item.id !== order.department && item.id !== 'command-centre');

/** The window of one action: asks for what the action needs, and does it. */
export function ActionDialog({ order, action, workflow, close, done, stale }: { order: Order; action: string; workflow?: string; close: () => void; done: (fresh: Order | null) => void; stale: () => void }) {
  const key = useRef(newKey());
  const [note, setNote] = useState('');
  const [to, setTo] = useState('');
  const [departments, setDepartments] = useState<string[]>([]);
  const [until, setUntil] = useState(() => (action === 'notify' ? localInput(nowMs.peek() + 72 * HOUR_MS) : action === 'extend' ? localInput(Math.max(nowMs.peek(), Date.parse(order.deadline ?? '') || 0) + 24 * HOUR_MS) : action === 'park' ? localInput(nowMs.peek() + 7 * 24 * HOUR_MS) : ''));
  const [files, setFiles] = useState<File[]>([]);
  const handling = useHandling(order, workflow);
  const handsOn = action === 'return' && order.role === 'lead' && order.department === 'command-centre';

  const doIt = async () => {
    const when = until ? new Date(until).toISOString() : undefined;
    if (action === 'notify') {
      await post(`/api/workorders/${part(order.id)}/notify`, { text: note, answerUntil: when }, key.current).catch(async error => {
        throw await explained(order.id, error);
      });
      done(null);
      return;
    }
    if (action === 'ask' && !departments.length) throw new Refused(0, w('chooseOne'));
    if (action === 'comment' && !note.trim() && !files.length) throw new Refused(0, w('sayOr'));
    const body: ActionBody = action === 'complete' ? handling.body() : { note: note.trim() || undefined };
    if (action === 'assign' || action === 'hand-on' || action === 'rule') body.to = to;
    if (handsOn) body.outcome = to;
    if (action === 'ask' || action === 'rule') body.departments = departments;
    if (action === 'extend' || action === 'park' || action === 'rule') body.until = when;
    try {
      done(await act(order, action, body, key.current, action === 'complete' ? handling.handling.files : files));
    } catch (error) {
      // The page behind shows the state as it is now.
      if (error instanceof Refused && error.status === 409) stale();
      throw error;
    }
  };

  return (
    <Dialog title={`${actionName(action)} · ${departmentName(order.department)}`} act={doIt} actName={actionName(action)} danger={action === 'refuse'} close={close}>
      <p class="dim">{actionHint(action)}</p>
      {action === 'complete' ? (
        <HandlingFields order={order} workflow={workflow} of={handling} />
      ) : (
        <>
          {action === 'assign' && (
            <Field name={w('person')}>
              <input required maxLength={64} value={to} onInput={event => setTo(event.currentTarget.value)} data-test="to" />
            </Field>
          )}
          {(action === 'hand-on' || action === 'rule' || handsOn) && <Department name={action === 'rule' ? w('lead') : w('to')} order={order} value={to} set={setTo} />}
          {(action === 'ask' || action === 'rule') && <Departments order={order} value={departments} set={setDepartments} without={to} />}
          {(action === 'extend' || action === 'park' || action === 'rule' || action === 'notify') && (
            <Field name={w(action === 'extend' ? 'until' : action === 'park' ? 'restUntil' : action === 'notify' ? 'answerUntil' : 'acceptBy')}>
              <input type="datetime-local" required={action !== 'rule'} min={localInput(nowMs.peek())} value={until} onInput={event => setUntil(event.currentTarget.value)} data-test="until" />
            </Field>
          )}
          <Field name={w(action === 'notify' ? 'asks' : needsReason.includes(action) ? 'why' : 'note')}>
            <textarea autofocus required={needsReason.includes(action) || action === 'notify'} maxLength={action === 'notify' ? 500 : 1000} value={note} onInput={event => setNote(event.currentTarget.value)} data-test="note" />
          </Field>
          {action !== 'notify' && <Files of={files} set={setFiles} />}
        </>
      )}
    </Dialog>
  );
}

const Department = ({ name, order, value, set }: { name: string; order: Order; value: string; set: (id: string) => void }) => (
  <Field name={name}>
    <select required value={value} onChange={event => set(event.currentTarget.value)} data-test="department">
      <option value="">{w('choose')}</option>
      {others(order).map(item => (
        <option key={item.id} value={item.id}>
          {departmentName(item.id)}
        </option>
      ))}
    </select>
  </Field>
);

const Departments = ({ order, value, set, without }: { order: Order; value: string[]; set: (ids: string[]) => void; without: string }) => (
  <fieldset class="checks">
    <legend>{w('coHandlers')}</legend>
    {others(order)
      .filter(item => item.id !== without)
      .map(item => (
        <label key={item.id}>
          <input type="checkbox" checked={value.includes(item.id)} onChange={event => set(event.currentTarget.checked ? [...value, item.id] : value.filter(id => id !== item.id))} /> {departmentName(item.id)}
        </label>
      ))}
  </fieldset>
);

const first = ['accept', 'complete', 'claim', 'return', 'approve', 'refuse', 'resume', 'rule', 'comment'];

/** The buttons of a work order: what is done most first, the others behind one. */
export function ActionButtons({ actions, choose, busy }: { actions: string[]; choose: (action: string) => void; busy?: boolean }) {
  if (!actions.length) return null;
  const shown = first.filter(action => actions.includes(action));
  const more = actions.filter(action => !first.includes(action));
  const main = shown.find(action => action === 'accept' || action === 'complete' || action === 'approve' || action === 'resume');
  const button = (action: string) => (
    <button key={action} type="button" class={action === main ? 'main' : ''} title={actionHint(action)} disabled={busy} onClick={event => {
        event.currentTarget.closest('details')?.removeAttribute('open');
        choose(action);
      }} data-test={action}>
      {actionName(action)}
    </button>
  );
  return (
    <div class="buttons">
      {shown.map(button)}
      {more.length > 0 && (
        <details class="more">
          <summary class="button">{w('more')}</summary>
          <div class="buttons">{more.map(button)}</div>
        </details>
      )}
    </div>
  );
}
