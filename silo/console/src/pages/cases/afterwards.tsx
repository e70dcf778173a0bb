import { useRef, useState } from 'preact/hooks';
import { Refused } from '../../api/client';
import { route } from '../../app/router';
import { Dialog, Field } from '../../parts/dialog';
import { words } from '../../words/language';
import { actOnCase } from './acting';
import { type Case, type CaseReport, newKey } from './model';
import { actionHint, actionName, channelName } from './words';

const w = words(
  {
    why: 'Why', said: 'What was said', note: 'Note', result: 'Was it solved?', satisfied: 'Satisfied', dissatisfied: 'Dissatisfied: it is opened again', merge: 'Merge into another case', mergeDo: 'Merge', mergeHint: 'This case is closed; its reports, warnings and history go on in the other one. Its open work orders are withdrawn.', into: 'Case that it goes on in', intoHint: 'The id, as harbour-12; it has to be open.',
    split: 'Split off reports', splitDo: 'Split off', splitHint: (n: string) => `${n} reports get a case of their own. They do not come together again by themselves.`, of: (r: string) => `Reporter by ${r}`,
  },
  {
    why: '理由', said: '回访情况', note: '说明', result: '问题是否解决', satisfied: '满意', dissatisfied: '不满意（案件重新办理）', merge: '并入其他案件', mergeDo: '并案', mergeHint: '本案结案，其上报、告警和办理经过并入另一案件继续办理；本案未完工单撤回。', into: '并入案件编号', intoHint: '编号如 harbour-12，须为在办案件。',
    split: '拆分上报', splitDo: '拆分', splitHint: n => `${n}条上报将单独立案，不会再自动合并。`, of: r => `上报渠道：${r}`,
  },
);

export type Afterwards = { what: 'reopen' } | { what: 'archive' } | { what: 'call-back'; report?: CaseReport } | { what: 'merge' } | { what: 'split'; reports: string[] };

/** The window of what is done with a case as a whole: after its end, or joining and parting it. */
export function AfterwardsDialog({ found, of, close, done, stale }: { found: Case; of: Afterwards; close: () => void; done: (into?: string) => void; stale: () => void }) {
  const key = useRef(newKey());
  const [note, setNote] = useState('');
  const [into, setInto] = useState(route.peek().query.get('into') ?? '');
  const [outcome, setOutcome] = useState('satisfied');
  const doIt = async () => {
    try {
      if (of.what === 'merge') {
        await actOnCase(found.id, 'merge', { into: into.trim(), reason: note.trim() }, key.current);
        done(into.trim());
      } else if (of.what === 'split') {
        const answer = await actOnCase<{ case?: string }>(found.id, 'split', { reports: of.reports, reason: note.trim() }, key.current);
        done(answer?.case);
      } else {
        await actOnCase(found.id, of.what, { note: note.trim() || undefined, outcome: of.what === 'call-back' ? outcome : undefined, report: of.what === 'call-back' ? of.report?.id : undefined }, key.current);
        done();
      }
    } catch (error) {
      if (error instanceof Refused && error.status === 409) stale();
      throw error;
    }
  };
  const title = of.what === 'merge' ? w('merge') : of.what === 'split' ? w('split') : actionName(of.what);
  return (
    <Dialog title={`${title} · ${found.id}`} act={doIt} actName={of.what === 'merge' ? w('mergeDo') : of.what === 'split' ? w('splitDo') : actionName(of.what)} close={close}>
      <p class="dim">{of.what === 'merge' ? w('mergeHint') : of.what === 'split' ? w('splitHint', String(of.reports.length)) : actionHint(of.what)}</p>
      {of.what === 'call-back' && of.report && <p>{w('of', channelName(of.report.channel))}</p>}
      {of.what === 'merge' && (
        <Field name={w('into')} hint={w('intoHint')}>
          <input required maxLength={120} value={into} onInput={event => setInto(event.currentTarget.value)} data-test="into" />
        </Field>
      )}
      {of.what === 'call-back' && (
        <fieldset class="checks">
          <legend>{w('result')}</legend>
          {(['satisfied', 'dissatisfied'] as const).map(each => (
            <label key={each}>
              <input type="radio" name="result" checked={outcome === each} onChange={() => setOutcome(each)} data-test={each} /> {w(each)}
            </label>
          ))}
        </fieldset>
      )}
      <Field name={of.what === 'call-back' ? w('said') : of.what === 'archive' ? w('note') : w('why')}>
        <textarea required={of.what !== 'archive' && of.what !== 'call-back'} maxLength={1000} value={note} onInput={event => setNote(event.currentTarget.value)} data-test="reason" />
      </Field>
    </Dialog>
  );
}
