import { useState } from 'preact/hooks';
import { get, part, send } from '../../api/client';
import { departmentName, districtName } from '../../app/session';
import { go, subjectPath } from '../../app/router';
import { At, Facts, Figure, Panel, Table } from '../../parts/bits';
import { Bars, Share, shortDay } from '../../parts/bars';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { clock, count, quantity, say, span, words } from '../../words/language';
import { type Row, saysRoute, saysThresholds, sceneAction, sceneState, subjectKind } from './scene';

const w = words(
  {
    back: 'All scenes', says: 'What it says', inForce: 'In force', same: 'This revision is in force.', another: (n: string) => `Revision ${n} is in force; this one is not yet.`, none: 'No revision is in force.', revision: 'Revision', department: 'Department', subjects: 'Subjects', approvedBy: 'Approved by', returned: 'Given back with the note', history: 'History', test: 'Back-test', noTest: 'This revision was not tried yet. The command centre decides by what it would have raised.',
    oldTest: (n: string) => `The result is of revision ${n}; try the new one.`, warnings: 'Warnings it would have raised', events: 'Events looked at', counted: 'Events that counted', subjectsHit: 'Subjects', took: 'It took', range: (from: string, to: string) => `${from} to ${to}`, reaches: (t: string) => `Records reach back to ${t}; before that nothing was tried.`, perDay: 'Warnings a day', number: 'warnings', table: 'As a table', byDistrict: 'By district', top: 'Most of them at', examples: 'The first of them', stopped: 'It ended early',
    running: 'The back-test runs', reached: (t: string) => `it is at ${t}`, giveUp: 'Give it up', failed: 'The back-test came to nothing', from: 'From', to: 'To', last14: 'Empty: the last 14 days. At most 92 days.', note: 'Note', mended: 'What is to be mended', ends: 'It ends for ever, also what is in force. Its id is not used again.', takes: 'It is in force from this moment, as a new version of the rulebook.', goesTo: 'The command centre decides on it.', title: (what: string, name: string) => `${what}: ${name}`, s: 's', assumed: (t: string) => `A warning was taken to be over after ${t} of quiet.`, district: 'District',
  },
  {
    back: '全部场景', says: '规则内容', inForce: '生效情况', same: '本修订已生效。', another: n => `第 ${n} 版生效中，本修订尚未生效。`, none: '没有生效的版本。', revision: '修订', department: '部门', subjects: '对象', approvedBy: '批准人', returned: '退回意见', history: '历史', test: '回测', noTest: '本修订尚未回测。指挥中心依据回测结果审批。',
    oldTest: n => `该结果属于第 ${n} 版，请对新版重新回测。`, warnings: '本应产生的预警', events: '检查的事件', counted: '计入的事件', subjectsHit: '涉及对象', took: '耗时', range: (from, to) => `${from} 至 ${to}`, reaches: t => `记录仅可追溯至 ${t}，此前未回测。`, perDay: '每日预警', number: '预警', table: '以表格显示', byDistrict: '按区域', top: '预警最多的对象', examples: '前几条示例', stopped: '提前结束',
    running: '回测进行中', reached: t => `已到 ${t}`, giveUp: '放弃回测', failed: '回测失败', from: '起', to: '止', last14: '留空则为最近14天，最长92天。', note: '备注', mended: '需要修改之处', ends: '永久撤销，包括已生效的版本；编号不再使用。', takes: '即刻生效，成为规则新版本。', goesTo: '由指挥中心审批。', title: (what, name) => `${what}：${name}`, s: '秒', assumed: t => `连续${t}无事件即视为预警解除。`, district: '区域',
  },
);

/** One scene: what it says, what it would have raised, and the steps that are possible now. */
export function Scene({ id }: { id: string }) {
  const path = `/api/scenes/${part(id)}`;
  const [running, setRunning] = useState(false);
  const scene = useLoad(
    path,
    async signal => {
      const row = await get<Row>(path, signal);
      setRunning(row.backTest?.state === 'running');
      return row;
    },
    running ? 1000 : 15_000,
  );
  const [asking, setAsking] = useState<string | null>(null);
  return (
    <>
      <p>
        <a href="/models?tab=scenes">← {w('back')}</a>
      </p>
      <Shown of={scene}>
        {row => (
          <div class="stack">
            <div class="panel-head">
              <h2>{say(row.name)}</h2>
              <span class="tag">{sceneState(row.state)}</span>
              <span class="grow" />
              {row.allowed.map(action => (
                <button
                  key={action}
                  class={action === 'approve' || action === 'propose' ? 'main' : ''}
                  disabled={action === 'back-test' && running}
                  onClick={() => (action === 'change' ? go(`/models?tab=scenes&scene=${part(id)}&draft=edit`) : setAsking(action))}
                  data-test={`scene-${action}`}
                >
                  {sceneAction(action)}
                </button>
              ))}
            </div>
            <Panel title={w('says')}>
              <p>{saysThresholds(row.scene)}</p>
              <p>{saysRoute(row.scene)}</p>
              <Facts
                of={[
                  [w('revision'), count(row.revision)],
                  [w('department'), departmentName(row.department)],
                  [w('subjects'), row.scene.subjects.map(subjectKind).join(', ')],
                  [w('inForce'), row.inForce ? (row.inForce.revision === row.revision ? w('same') : w('another', count(row.inForce.revision ?? 0))) : w('none')],
                  [w('approvedBy'), row.inForce?.approvedBy],
                  [w('returned'), row.state === 'returned' ? row.note : null],
                ]}
              />
              {row.inForce && row.inForce.revision !== row.revision && (
                <p class="dim">
                  {w('inForce')}: {saysThresholds(row.inForce)} {saysRoute(row.inForce)}
                </p>
              )}
            </Panel>
            <Test of={row} giveUp={() => void send('DELETE', `${path}/back-test`).then(scene.reload, scene.reload)} />
            <Panel title={w('history')}>
              <ol class="steps" reversed>
                {[...row.history].reverse().map((step, i) => (
                  <li key={i}>
                    <At at={step.at} /> – <strong>{sceneAction(step.action)}</strong>, {step.by} ({w('revision')} {count(step.revision)}){step.note && <>: {step.note}</>}
                  </li>
                ))}
              </ol>
            </Panel>
            {asking && (
              <Ask
                action={asking}
                of={row}
                close={() => setAsking(null)}
                done={() => {
                  scene.reload();
                }}
              />
            )}
          </div>
        )}
      </Shown>
    </>
  );
}

function Test({ of, giveUp }: { of: Row; giveUp: () => void }) {
  const test = of.test;
  return (
    <Panel title={w('test')}>
      {of.backTest?.state === 'running' && (
        <p role="status" data-test="back-test-running">
          <strong>{w('running')}</strong>
          {of.backTest.reached && <> – {w('reached', clock(of.backTest.reached))}</>} <button onClick={giveUp}>{w('giveUp')}</button>
        </p>
      )}
      {of.backTest?.state === 'failed' && (
        <p class="late" role="alert">
          {w('failed')}: {of.backTest.why}
        </p>
      )}
      {!test && of.backTest?.state !== 'running' && <p class="dim">{w('noTest')}</p>}
      {test && (
        <div class="stack" data-test="back-test">
          {test.revision !== of.revision && <p class="soon">{w('oldTest', count(test.revision))}</p>}
          <div class="figures">
            <Figure name={w('warnings')} value={count(test.warnings)} />
            <Figure name={w('subjectsHit')} value={count(test.subjects)} />
            <Figure name={w('counted')} value={count(test.counted)} />
            <Figure name={w('events')} value={count(test.events)} />
            <Figure name={w('took')} value={quantity(test.tookMs / 1000, w('s'), 1)} />
          </div>
          <p class="dim">
            {w('range', clock(test.from), clock(test.to))}. {test.reachesBackTo && w('reaches', clock(test.reachesBackTo))} {w('assumed', span(test.quietMinutes * 60_000))}
          </p>
          {test.stopped && (
            <p class="late">
              {w('stopped')}: {test.stopped}
            </p>
          )}
          <div class="grid">
            {test.days.length > 0 && <Bars title={w('perDay')} tableName={w('table')} series={[{ name: w('number'), tone: 'plain' }]} format={count} of={test.days.map(each => ({ label: shortDay(each.of), values: [each.warnings] }))} />}
            {test.districts.length > 0 && <Counts title={w('byDistrict')} of={test.districts.map(each => [districtName(each.of), each.warnings])} />}
            {test.top.length > 0 && <Counts title={w('top')} of={test.top.map(each => [each.of.replace(/^\w+:/, ''), each.warnings])} />}
          </div>
          {test.examples.length > 0 && (
            <Table caption={w('examples')} head={[w('examples'), w('district'), '']}>
              {test.examples.map((each, i) => (
                <tr key={i}>
                  <td>
                    <a href={subjectPath(each.subjectKind, each.subject)}>{each.subject}</a>
                    <div class="dim">
                      <At at={each.at} />
                    </div>
                  </td>
                  <td>{districtName(each.district)}</td>
                  <td>{say(each.explanation)}</td>
                </tr>
              ))}
            </Table>
          )}
        </div>
      )}
    </Panel>
  );
}

const Counts = ({ title, of }: { title: string; of: [string, number][] }) => {
  const most = Math.max(1, ...of.map(each => each[1]));
  return (
    <Table caption={title} head={[title, w('number')]}>
      {of.slice(0, 12).map(([name, number]) => (
        <tr key={name}>
          <td>{name}</td>
          <td>
            <Share of={number / most}>{count(number)}</Share>
          </td>
        </tr>
      ))}
    </Table>
  );
};

function Ask({ action, of, close, done }: { action: string; of: Row; close: () => void; done: () => void }) {
  const [note, setNote] = useState('');
  const [from, setFrom] = useState('');
  const [to, setTo] = useState('');
  const time = (text: string) => (text ? new Date(text).toISOString() : undefined);
  const act = async () => {
    await send('POST', `/api/scenes/${part(of.id)}/${action}`, action === 'back-test' ? { from: time(from), to: time(to) } : { note: note || undefined }, { ifMatch: `"${of.version}"` });
    done();
  };
  const hint = { approve: w('takes'), withdraw: w('ends'), propose: w('goesTo') }[action];
  return (
    <Dialog title={w('title', sceneAction(action), say(of.name))} act={act} actName={sceneAction(action)} danger={action === 'withdraw'} close={close}>
      {hint && <p>{hint}</p>}
      {action === 'back-test' ? (
        <>
          <Field name={w('from')} hint={w('last14')}>
            <input type="datetime-local" value={from} onInput={event => setFrom(event.currentTarget.value)} />
          </Field>
          <Field name={w('to')}>
            <input type="datetime-local" value={to} onInput={event => setTo(event.currentTarget.value)} />
          </Field>
        </>
      ) : (
        <Field name={action === 'return' ? w('mended') : w('note')}>
          <textarea required={action === 'return'} value={note} onInput={event => setNote(event.currentTarget.value)} data-test="note" />
        </Field>
      )}
    </Dialog>
  );
}
