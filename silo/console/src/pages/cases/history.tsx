import { departmentName } from '../../app/session';
import { At, Table } from '../../parts/bits';
import { count, words } from '../../words/language';
import type { Case } from './model';
import { noteOf, whatName, whoName } from './words';

const w = words(
  { history: 'History', at: 'When', what: 'What', who: 'Who', note: 'Said', chain: (n: string) => `${n} entries in the chain, head`, hint: 'Each entry is chained to the one before by its hash: what is changed later is found out.' },
  { history: '办理经过', at: '时间', what: '事项', who: '经办', note: '内容', chain: n => `存证链${n}条，链首`, hint: '每条记录的哈希都含上一条，事后改动可被发现。' },
);

/** Everything that happened, the newest first, and how far the chain over it reaches. */
export function History({ found }: { found: Case }) {
  const department = (order?: string) => found.workOrders.find(each => each.id === order)?.department;
  return (
    <>
      <Table head={[w('at'), w('what'), w('who'), w('note')]} caption={w('history')}>
        {[...found.history].reverse().map((entry, i) => {
          const whose = department(entry.workOrder);
          const by = whoName(entry.by, found.id);
          return (
            <tr key={found.history.length - i}>
              <td class="dim nowrap">
                <At at={entry.at} />
              </td>
              <td>
                <strong>{whatName(entry.what)}</strong>
              </td>
              <td>
                {by}
                {whose && entry.what !== 'issued' ? <div class="dim">{departmentName(whose)}</div> : null}
              </td>
              <td class="said">
                {noteOf(entry, found.workflow)}
                {entry.evidence?.map(item => (
                  <div key={item} class="dim">
                    {item.startsWith('sha256:') ? `${item.slice(0, 19)}…` : item}
                  </div>
                ))}
              </td>
            </tr>
          );
        })}
      </Table>
      {found.chain && (
        <p class="dim" title={`${w('hint')} ${found.chain.head}`}>
          {w('chain', count(found.chain.entries))} <code>{found.chain.head.slice(0, 16)}…</code>
        </p>
      )}
    </>
  );
}
