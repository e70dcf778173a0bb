import { get } from '../../api/client';
import { Age, At, Panel, Table } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { count, words } from '../../words/language';
import { rejectName } from './names';

interface Answer {
  signIns: { name: string; count: number; first: string; last: string; from?: string }[];
  signInsDropped: number;
  topics: { topic: string; from: string; reason: string; count: number; first: string; last: string; detail: string }[];
  topicsDropped: number;
}

const w = words(
  {
    signIns: 'Sign-ins under unknown names', topics: 'Topics that nobody may publish on', name: 'Name', from: 'From', count: 'Times', first: 'First', last: 'Last', topic: 'Topic', reason: 'Reason', noSignIns: 'No unknown name tried to sign in.', noTopics: 'Nothing came on an unknown topic.',
    dropped: (n: string) => `${n} more were not kept.`, explain: 'What is sent by nobody who is registered: a new device that was forgotten, a wrong name, or somebody who should not be there.',
  },
  {
    signIns: '未知名称登录', topics: '未授权的主题', name: '名称', from: '来源', count: '次数', first: '首次', last: '最近', topic: '主题', reason: '原因', noSignIns: '没有未知名称尝试登录。', noTopics: '没有未知主题的数据。',
    dropped: n => `另有 ${n} 项未保留。`, explain: '未登记者的上报：可能是漏登记的新设备、名称有误，或不应接入者。',
  },
);

/** What is sent and unregistered. */
export function Unregistered() {
  const all = useLoad('/api/catalogue/unregistered', signal => get<Answer>('/api/catalogue/unregistered', signal), 15_000);
  return (
    <div class="stack">
      <p class="dim">{w('explain')}</p>
      <Shown of={all}>
        {answer => (
          <>
            <Panel title={w('signIns')}>
              {answer.signIns.length === 0 ? (
                <p class="dim">{w('noSignIns')}</p>
              ) : (
                <Table caption={w('signIns')} head={[w('name'), w('from'), w('count'), w('first'), w('last')]}>
                  {answer.signIns.map(item => (
                    <tr key={item.name} data-test="unregistered-row">
                      <td>{item.name}</td>
                      <td>{item.from}</td>
                      <td class="number">{count(item.count)}</td>
                      <td>
                        <At at={item.first} />
                      </td>
                      <td>
                        <Age at={item.last} />
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
              {answer.signInsDropped > 0 && <p class="dim">{w('dropped', count(answer.signInsDropped))}</p>}
            </Panel>
            <Panel title={w('topics')}>
              {answer.topics.length === 0 ? (
                <p class="dim">{w('noTopics')}</p>
              ) : (
                <Table caption={w('topics')} head={[w('topic'), w('from'), w('reason'), w('count'), w('first'), w('last')]}>
                  {answer.topics.map(item => (
                    <tr key={`${item.from}/${item.topic}`} data-test="unregistered-row">
                      <td>{item.topic}</td>
                      <td>{item.from}</td>
                      <td>
                        {rejectName(item.reason)}
                        <div class="dim">{item.detail}</div>
                      </td>
                      <td class="number">{count(item.count)}</td>
                      <td>
                        <At at={item.first} />
                      </td>
                      <td>
                        <Age at={item.last} />
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
              {answer.topicsDropped > 0 && <p class="dim">{w('dropped', count(answer.topicsDropped))}</p>}
            </Panel>
          </>
        )}
      </Shown>
    </div>
  );
}
