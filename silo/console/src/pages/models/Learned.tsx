import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { call, get, send } from '../../api/client';
import { me } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { At, Panel, Table } from '../../parts/bits';
import { Dialog } from '../../parts/dialog';
import { FilePick } from '../../parts/file';
import { reason, Shown, useLoad } from '../../parts/load';
import { count, day, kindName, number, percent, quantity, words } from '../../words/language';
import { Compared } from './Compared';
import { Decide, type Decision } from './Decide';
import type { Answer, Kind, Metrics, Model, Part } from './shapes';

const w = words(
  {
    judges: 'Judges', shadow: 'In shadow', nobody: 'No model: the rulebook’s fixed confidence holds.', noShadow: 'None. A shadow scores beside the judge, and nobody is told anything for it.', compare: 'Compare', close: 'Close', promote: 'Promote', rollBack: 'Roll back', putShadow: 'Put into shadow', takeOut: 'Take out of shadow', since: 'since', by: 'by', files: 'the rulebook’s files',
    threshold: 'threshold', versions: 'Versions', model: 'Model', shipped: 'shipped', uploaded: 'uploaded', trained: 'Trained on', cases: 'rows', of: 'found so', precision: 'Precision', recall: 'Recall', brier: 'Brier score', auc: 'AUC', card: 'Card', remove: 'Remove', removeTitle: (n: string) => `Remove ${n}?`, removeHint: 'The file is gone then; a card of it stays in the audit only.',
    upload: 'Upload a model file', uploadHint: 'As train writes it (.model.json). It is taken where its golden rows score here as they did for its trainer; it judges nothing yet.', took: (n: string) => `${n} was taken.`, notUsable: 'cannot be read by this version', notInForce: 'not in force: its kind is switched off in the rulebook', part: 'Part', judging: 'judges', inShadow: 'in shadow', none: '–',
    caption: (k: string) => `Versions for ${k}`, confidence: 'How sure a warning is', anomaly: 'What is unusual', compared: 'Compared on', overridden: 'promoted without a shadow', mayNot: 'Only an administrator, or a supervisor of the command centre, decides on models.', onCard: 'On its trainer’s rows:', earlier: (n: string) => `A roll-back goes back to ${n}.`, unknown: 'Of kinds that this version does not know',
  },
  {
    judges: '判定模型', shadow: '影子模型', nobody: '无模型：采用规则固定置信度。', noShadow: '无。影子模型与判定模型同步评分，不产生任何告知。', compare: '对比', close: '收起', promote: '上线', rollBack: '回退', putShadow: '设为影子', takeOut: '撤出影子', since: '自', by: '操作人', files: '规则文件',
    threshold: '阈值', versions: '版本', model: '模型', shipped: '随附', uploaded: '上传', trained: '训练数据', cases: '条', of: '属实', precision: '准确率', recall: '召回率', brier: 'Brier分数', auc: 'AUC', card: '模型卡', remove: '删除', removeTitle: n => `删除 ${n}？`, removeHint: '文件将被删除，仅在审计中留痕。',
    upload: '上传模型文件', uploadHint: '由训练程序生成的文件（.model.json）。样本评分与训练方一致方可接收；接收后暂不参与判定。', took: n => `已接收 ${n}。`, notUsable: '本版本无法读取', notInForce: '未生效：该类型已在规则中停用', part: '角色', judging: '判定', inShadow: '影子', none: '–',
    caption: k => `${k}的模型版本`, confidence: '预警置信度', anomaly: '异常识别', compared: '验证数据', overridden: '未经影子直接上线', mayNot: '仅管理员或指挥中心督导可决定模型。', onCard: '训练方验证结果：', earlier: n => `回退将恢复 ${n}。`, unknown: '本版本不认识的类型',
  },
);

const decides = () => me.value?.role === 'administrator' || (me.value?.role === 'supervisor' && me.value.district === '*' && (!me.value.department || me.value.department === 'command-centre'));
const algorithms: Record<string, string> = { logistic: 'logistic', trees: 'trees', pca: 'PCA' };
const figure = (value?: number | null, digits = 3) => (value === undefined || value === null ? '–' : number(value, digits));
const share = (value?: number | null) => (value === undefined || value === null ? '–' : percent(value, 1));

/** Learned models, kind by kind: who judges, who is in shadow, and what can be decided. */
export function Learned() {
  const all = useLoad('/api/models', signal => get<Answer>('/api/models', signal), 30_000);
  const [decision, setDecision] = useState<Decision | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  return (
    <div class="stack">
      {decides() ? <Upload done={all.reload} /> : <p class="dim">{w('mayNot')}</p>}
      <Shown of={all}>
        {answer => (
          <>
            {answer.kinds.map(kind => (
              <OneKind key={kind.kind} of={kind} models={answer.items.filter(item => item.kind === kind.kind)} decide={setDecision} remove={setRemoving} />
            ))}
            {answer.items.some(item => !item.kind) && (
              <Panel title={w('unknown')}>
                <Versions of={answer.items.filter(item => !item.kind)} name="" remove={setRemoving} />
              </Panel>
            )}
            {decision && <Decide of={decision} models={answer.items.filter(item => item.kind === decision.kind.kind)} close={() => setDecision(null)} done={all.reload} />}
          </>
        )}
      </Shown>
      {removing && (
        <Dialog
          title={w('removeTitle', removing)}
          actName={w('remove')}
          danger
          close={() => setRemoving(null)}
          act={async () => {
            // The name is kind/version, and each is a part of the path.
            await send('DELETE', `/api/models/${removing.split('/').map(encodeURIComponent).join('/')}`);
            all.reload();
          }}
        >
          <p>{w('removeHint')}</p>
        </Dialog>
      )}
    </div>
  );
}

function OneKind({ of, models, decide, remove }: { of: Kind; models: Model[]; decide: (decision: Decision) => void; remove: (name: string) => void }) {
  const comparing = route.value.query.get('kind') === of.kind;
  const earlier = of.earlier[0];
  const free = models.filter(item => item.usable && item.model !== of.judge?.model && item.model !== of.shadow?.model);
  const cardOf = (name?: string) => models.find(item => item.model === name)?.card;
  return (
    <section class="panel" data-test={`kind-${of.kind}`}>
      <div class="panel-head">
        <h2>{kindName(of.kind)}</h2>
        <span class="dim">{of.task === 'confidence' ? w('confidence') : w('anomaly')}</span>
      </div>
      <div class="judges">
        <div class={of.judge ? '' : 'nobody'} data-test="judge">
          <strong>{w('judges')}</strong>
          {of.judge ? <Who of={of.judge} card={cardOf(of.judge.model)} /> : <p class="dim">{w('nobody')}</p>}
        </div>
        <div class={of.shadow ? 'shadow' : 'nobody'} data-test="shadow">
          <strong>{w('shadow')}</strong>
          {of.shadow ? <Who of={of.shadow} card={cardOf(of.shadow.model)} /> : <p class="dim">{w('noShadow')}</p>}
        </div>
      </div>
      <div class="buttons">
        {of.shadow && (
          <button aria-expanded={comparing} onClick={() => setQuery({ kind: comparing ? null : of.kind })} data-test="compare">
            {comparing ? w('close') : w('compare')}
          </button>
        )}
        {decides() && (
          <>
            {/* Without a shadow it can be promoted too, which the dialog warns of: models that go by other figures cannot be compared. */}
            {(of.shadow || free.length > 0) && (
              <button class={of.shadow ? 'main' : ''} onClick={() => decide({ action: 'promote', kind: of })} data-test="promote">
                {w('promote')}
              </button>
            )}
            {(free.length > 0 || of.shadow) && (
              <button onClick={() => decide({ action: 'shadow', kind: of })} data-test="put-shadow" disabled={free.length === 0}>
                {w('putShadow')}
              </button>
            )}
            {of.shadow && <button onClick={() => decide({ action: 'take-out', kind: of })}>{w('takeOut')}</button>}
            {earlier && (
              <button onClick={() => decide({ action: 'roll-back', kind: of })} title={w('earlier', earlier.model ?? w('files'))} data-test="roll-back">
                {w('rollBack')}
              </button>
            )}
          </>
        )}
      </div>
      {comparing && of.shadow && <Compared kind={of.kind} />}
      <details>
        <summary>
          {w('versions')} ({count(models.length)})
        </summary>
        <Versions of={models} name={kindName(of.kind)} remove={remove} />
      </details>
    </section>
  );
}

const Who = ({ of, card }: { of: Part; card?: Metrics }) => (
  <>
    <div class="model-name" data-test="model">
      {of.model}
    </div>
    {!of.inForce && <div class="late">{w('notInForce')}</div>}
    <div class="dim">
      {of.threshold !== undefined && `${w('threshold')} ${figure(of.threshold)} · `}
      {w('by')} {of.by === 'files' ? w('files') : of.by}
      {of.since && (
        <>
          {' · '}
          {w('since')} <At at={of.since} />
        </>
      )}
      {of.overridden && <span class="soon"> · {w('overridden')}</span>}
    </div>
    {of.reason && <div>{of.reason}</div>}
    {card && (
      <>
        {/* These are the trainer's figures; how it does on this city's cases is in the comparison. */}
        <div class="dim metrics-of">{w('onCard')}</div>
        <MetricsOf of={card} />
      </>
    )}
  </>
);

export const MetricsOf = ({ of }: { of: Metrics }) => (
  <dl class="metrics">
    {(
      [
        [w('precision'), share(of.precision)],
        [w('recall'), share(of.recall)],
        [w('auc'), figure(of.auc)],
        [w('brier'), figure(of.brier)],
      ] as [string, ComponentChildren][]
    ).map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

const Versions = ({ of, name, remove }: { of: Model[]; name: string; remove: (name: string) => void }) => (
  <Table caption={w('caption', name)} head={[w('model'), w('part'), w('precision'), w('recall'), w('brier'), w('trained'), w('card'), '']}>
    {of.map(item => (
      <tr key={item.model} data-test="model-row">
        <td>
          <span class="model-name">{item.model}</span>
          <div class="dim">
            {item.origin === 'shipped' ? w('shipped') : `${w('uploaded')}, ${item.by}`} {item.at && <At at={item.at} />} {item.algorithm && (algorithms[item.algorithm] ?? item.algorithm)}
          </div>
          {!item.usable && <div class="late">{w('notUsable')}</div>}
        </td>
        <td>{item.part === 'judge' ? <strong class="good">{w('judging')}</strong> : item.part === 'shadow' ? <strong class="soon">{w('inShadow')}</strong> : w('none')}</td>
        <td>{share(item.card?.precision)}</td>
        <td>{share(item.card?.recall)}</td>
        <td>{figure(item.card?.brier)}</td>
        <td>
          {item.card && (
            <>
              {quantity(item.card.trainedRows, w('cases'))}
              <div class="dim">
                {count(item.card.trainedPositives)} {w('of')}
              </div>
              <div class="dim">{day(item.card.date)}</div>
            </>
          )}
        </td>
        <td>
          {item.card && (
            <>
              <div>{item.card.data ?? '–'}</div>
              <div class="dim">{item.card.trainerDetail}</div>
              <div class="dim">
                {w('compared')} {quantity(item.card.comparedRows, w('cases'))}
              </div>
            </>
          )}
        </td>
        <td>
          {item.origin === 'uploaded' && !item.part && decides() && (
            <button onClick={() => remove(item.model)} data-test="remove-model">
              {w('remove')}
            </button>
          )}
        </td>
      </tr>
    ))}
  </Table>
);

function Upload({ done }: { done: () => void }) {
  const [said, setSaid] = useState<{ error: boolean; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const send = async (file: File) => {
    setBusy(true);
    try {
      const response = await call('/api/models', { method: 'POST', body: file, headers: { 'Content-Type': 'application/json' } });
      setSaid({ error: false, text: w('took', ((await response.json()) as Model).model) });
      done();
    } catch (refused) {
      setSaid({ error: true, text: reason(refused) });
    }
    setBusy(false);
  };
  return (
    <div class="panel">
      <strong>{w('upload')}</strong>
      <FilePick accept=".json,application/json" disabled={busy} pick={file => void send(file)} test="upload-model" />
      <p class="dim">{w('uploadHint')}</p>
      {said && (
        <p class={said.error ? 'error' : 'good'} role={said.error ? 'alert' : 'status'}>
          {said.text}
        </p>
      )}
    </div>
  );
}
