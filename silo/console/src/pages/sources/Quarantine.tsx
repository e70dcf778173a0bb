import { useState } from 'preact/hooks';
import { get, part, query, send } from '../../api/client';
import { me } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Age, At, Panel, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { More, usePages } from '../../parts/pages';
import { clock, count, words } from '../../words/language';
import { rejectName } from './names';

interface Item {
  id?: string;
  reason: string;
  detail: string;
  source: string;
  topic: string;
  time: string;
  payload: string;
  encoding?: string;
  resubmitted?: { at: string; by: string; accepted: number; refused: number };
}

interface Outcome {
  accepted: number;
  refusedCount: number;
  refused: { reason: string; detail?: string }[];
  /** Set where it had been done before, and nothing was done now. */
  resubmitted?: Item['resubmitted'] | null;
}

const w = words(
  {
    explain: 'What was sent and could not be read. Correct what is wrong and send it again: it goes the way that the source’s own would have gone.', source: 'Source', time: 'When', reason: 'Reason', topic: 'Topic', none: 'Nothing is in quarantine.', caption: 'Quarantined payloads, newest first',
    payload: 'Payload', show: 'Show', resubmit: 'Send again', title: 'Send it again', body: 'Payload, corrected where it needs to be', binary: 'This is not text; it can be sent again as it is.', done: (n: string) => `${n} readings taken`, refused: (n: string) => `${n} refused`, again: (who: string) => `sent again by ${who}`, close: 'Close', all: 'All', before: (who: string, at: string) => `It had been sent again before, by ${who} at ${at}; nothing was done now.`, result: 'What became of it',
  },
  {
    explain: '已上报但无法解析的数据。修正后可重新提交，处理方式与数据源自行上报相同。', source: '数据源', time: '时间', reason: '原因', topic: '主题', none: '隔离区为空。', caption: '隔离的数据，最新在前',
    payload: '原始数据', show: '查看', resubmit: '重新提交', title: '重新提交', body: '数据内容（可修正）', binary: '非文本数据，只能原样重新提交。', done: n => `已接收 ${n} 条`, refused: n => `拒收 ${n} 条`, again: who => `${who} 已重新提交`, close: '关闭', all: '全部', before: (who, at) => `${who} 已于 ${at} 重新提交，本次未处理。`, result: '处理结果',
  },
);

const mayResubmit = () => me.value?.role === 'administrator' || me.value?.role === 'supervisor';

/** Payloads that did not fit: why, what they were, and sending them again. */
export function Quarantine() {
  const asked = route.value.query;
  const source = asked.get('source') ?? '';
  const chosen = asked.get('item') ?? '';
  const all = usePages<Item>(`/api/quarantine${query({ source })}`, 10_000);
  const [sending, setSending] = useState<Item | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const keyOf = (item: Item) => item.id ?? `${item.source}/${item.time}`;
  return (
    <div class="stack">
      <p class="dim">{w('explain')}</p>
      <div class="filters">
        <label class="field">
          <span>{w('source')}</span>
          <input type="search" value={source} placeholder={w('all')} onChange={event => setQuery({ source: event.currentTarget.value.trim(), item: null })} />
        </label>
      </div>
      {outcome && (
        <p role="status" class="panel" data-test="resubmitted">
          <strong>{w('result')}:</strong> {outcome.resubmitted ? w('before', outcome.resubmitted.by, clock(outcome.resubmitted.at)) : w('done', count(outcome.accepted))}
          {!outcome.resubmitted && outcome.refusedCount > 0 && (
            <span class="late">
              , {w('refused', count(outcome.refusedCount))}: {outcome.refused.map(each => [rejectName(each.reason), each.detail].filter(Boolean).join(' – ')).join('; ')}
            </span>
          )}
        </p>
      )}
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('caption')} head={[w('time'), w('source'), w('reason'), w('topic'), '']}>
              {page.items.map(item => (
                <tr key={keyOf(item)} class={chosen === keyOf(item) ? 'chosen' : ''} data-test="quarantine-row">
                  <td>
                    <Age at={item.time} />
                    {item.resubmitted && (
                      <div class="good">
                        ✓ {w('again', item.resubmitted.by)}: {w('done', count(item.resubmitted.accepted))}
                        {item.resubmitted.refused > 0 && `, ${w('refused', count(item.resubmitted.refused))}`}
                      </div>
                    )}
                  </td>
                  <td>
                    <a href={`/sources/${part(item.source)}`}>{item.source}</a>
                  </td>
                  <td>
                    <strong>{rejectName(item.reason)}</strong>
                    <div>{item.detail}</div>
                  </td>
                  <td class="dim">{item.topic}</td>
                  <td>
                    <button aria-expanded={chosen === keyOf(item)} onClick={() => setQuery({ item: chosen === keyOf(item) ? null : keyOf(item) })}>
                      {chosen === keyOf(item) ? w('close') : w('show')}
                    </button>
                  </td>
                </tr>
              ))}
            </Table>
            <More of={all} />
          </>
        )}
      </Shown>
      {chosen && <Payload id={chosen} known={all.value?.items.find(item => keyOf(item) === chosen)} ask={setSending} />}
      {sending && (
        <Resubmit
          of={sending}
          close={() => setSending(null)}
          done={answer => {
            setOutcome(answer);
            all.reload();
          }}
        />
      )}
    </div>
  );
}

function Payload({ id, known, ask }: { id: string; known?: Item; ask: (item: Item) => void }) {
  // A link to an entry holds also where the entry is not on the first page.
  const one = useLoad(known?.payload !== undefined ? null : `quarantine/${id}`, signal => get<Item>(`/api/quarantine/${part(id)}`, signal));
  const item = known?.payload !== undefined ? known : one.value;
  if (!item) return <Shown of={one}>{() => null}</Shown>;
  return (
    <Panel
      title={
        <>
          {w('payload')}: {item.source}, <At at={item.time} />
        </>
      }
      actions={
        mayResubmit() &&
        !item.resubmitted &&
        item.id && (
          <button class="main" onClick={() => ask(item)} data-test="resubmit">
            {w('resubmit')}
          </button>
        )
      }
    >
      <p>
        <strong>{rejectName(item.reason)}</strong>: {item.detail}
      </p>
      <pre class="payload" tabIndex={0}>
        {item.payload}
      </pre>
      {item.encoding && <p class="dim">{item.encoding}</p>}
    </Panel>
  );
}

function Resubmit({ of, close, done }: { of: Item; close: () => void; done: (outcome: Outcome) => void }) {
  const [text, setText] = useState(of.payload);
  // What was not changed goes as the server has it.
  const act = async () => done(await send<Outcome>('POST', `/api/quarantine/${part(of.id!)}/resubmit`, !of.encoding && text !== of.payload ? { payload: text } : undefined));
  return (
    <Dialog title={w('title')} act={act} actName={w('resubmit')} close={close}>
      {of.encoding ? (
        <p>{w('binary')}</p>
      ) : (
        <Field name={w('body')}>
          <textarea class="payload-edit" value={text} spellcheck={false} onInput={event => setText(event.currentTarget.value)} />
        </Field>
      )}
    </Dialog>
  );
}
