import { useState } from 'preact/hooks';
import { get, part, post } from '../../api/client';
import { Dialog, Field } from '../../parts/dialog';
import { useLoad } from '../../parts/load';
import { count, kindName, percent, words } from '../../words/language';
import type { Comparison, Kind, Model } from './shapes';

const w = words(
  {
    promote: 'Promote', shadow: 'Put into shadow', 'take-out': 'Take out of shadow', 'roll-back': 'Roll back', title: (what: string, kind: string) => `${what}: ${kind}`, model: 'Model', inShadow: 'in shadow', threshold: 'Threshold', thresholdHint: 'Empty: the model’s own. Above 0, at most 1.', reason: 'Reason', why: 'It is kept in the rulebook and in the audit.',
    promoteHint: 'It judges from this moment on; the one that judged until now goes into shadow.', shadowHint: 'It scores what the judge scores; nobody is told anything for it.', takeOutHint: 'Its scores until now stay with their cases.', rollBackHint: (n: string) => `${n} judges again.`, override: 'It was not in shadow: there is nothing that shows how it does on this city’s cases.', files: 'what the files name',
    few: (n: string) => `Only ${n} cases were compared so far: that says little.`, result: (judge: string, shadow: string, n: string) => `On ${n} closed cases: precision ${judge} for the judge, ${shadow} for the shadow.`,
  },
  {
    promote: '上线', shadow: '设为影子', 'take-out': '撤出影子', 'roll-back': '回退', title: (what, kind) => `${what}：${kind}`, model: '模型', inShadow: '影子运行中', threshold: '阈值', thresholdHint: '留空则用模型自带阈值；大于0，不超过1。', reason: '理由', why: '理由将记入规则并留痕。',
    promoteHint: '即刻起由其判定；原判定模型转为影子。', shadowHint: '与判定模型同步评分，不产生任何告知。', takeOutHint: '已有评分仍保留在案件中。', rollBackHint: n => `恢复由 ${n} 判定。`, override: '未经影子运行，尚无本市案件的对比结果。', files: '规则文件所指定',
    few: n => `目前仅对比 ${n} 件案件，参考价值有限。`, result: (judge, shadow, n) => `在 ${n} 件结案案件中：判定模型准确率 ${judge}，影子模型 ${shadow}。`,
  },
);

export interface Decision {
  action: 'promote' | 'shadow' | 'take-out' | 'roll-back';
  kind: Kind;
}

const FEW = 50;
const share = (value?: number | null) => (value === undefined || value === null ? '–' : percent(value, 1));

/** Asks for a decision on a kind's models; the reason is not optional. */
export function Decide({ of, models, close, done }: { of: Decision; models: Model[]; close: () => void; done: () => void }) {
  const { action, kind } = of;
  const choices = models.filter(item => item.usable && item.model !== kind.judge?.model && (action === 'promote' || item.model !== kind.shadow?.model));
  const [model, setModel] = useState((action === 'promote' ? kind.shadow?.model : undefined) ?? choices[0]?.model ?? '');
  const [threshold, setThreshold] = useState('');
  const [why, setWhy] = useState('');
  const path = `/api/models/${part(kind.kind)}/comparison`;
  const compared = useLoad(action === 'promote' && kind.shadow ? path : null, signal => get<Comparison>(path, signal));
  const choosing = action === 'promote' || action === 'shadow';
  const override = action === 'promote' && model !== kind.shadow?.model;
  const act = async () => {
    await post(`/api/models/${part(kind.kind)}/${action === 'take-out' ? 'shadow' : action}`, {
      reason: why,
      model: action === 'shadow' || override ? model : undefined,
      threshold: choosing && threshold ? Number(threshold) : undefined,
      override: override || undefined,
    });
    done();
  };
  const earlier = kind.earlier[0]?.model ?? w('files');
  const hint = { promote: w('promoteHint'), shadow: w('shadowHint'), 'take-out': w('takeOutHint'), 'roll-back': w('rollBackHint', earlier) }[action];
  const metrics = (which: string) => share(compared.value?.models.find(each => each.part === which)?.precision);
  return (
    <Dialog title={w('title', w(action), kindName(kind.kind))} act={act} actName={w(action)} danger={override} close={close}>
      <p>{hint}</p>
      {choosing && (
        <>
          <Field name={w('model')}>
            <select value={model} onChange={event => setModel(event.currentTarget.value)} data-test="choose-model">
              {choices.map(item => (
                <option key={item.model} value={item.model}>
                  {item.model} {item.model === kind.shadow?.model ? `(${w('inShadow')})` : ''}
                </option>
              ))}
            </select>
          </Field>
          <Field name={w('threshold')} hint={w('thresholdHint')}>
            <input type="number" min="0.01" max="1" step="0.01" value={threshold} onInput={event => setThreshold(event.currentTarget.value)} />
          </Field>
        </>
      )}
      {override && (
        <p class="late" role="alert">
          {w('override')}
        </p>
      )}
      {compared.value && !override && (
        <p>
          {w('result', metrics('judge'), metrics('shadow'), count(compared.value.cases))} {compared.value.cases < FEW && <span class="soon">{w('few', count(compared.value.cases))}</span>}
        </p>
      )}
      <Field name={w('reason')} hint={w('why')}>
        <textarea required value={why} onInput={event => setWhy(event.currentTarget.value)} data-test="reason" />
      </Field>
    </Dialog>
  );
}
