import { useEffect, useState } from 'preact/hooks';
import { part } from '../../api/client';
import { follow } from '../../api/stream';
import { At, Panel, Table } from '../../parts/bits';
import { say, type Text, words } from '../../words/language';

interface Item {
  number: number;
  type: string;
  at: string;
  register?: string;
  key?: string;
  by?: string;
  changed?: string[];
  text?: Text;
}

const w = words(
  { title: 'Way back: what others say of its entries', none: 'No other source has spoken of its entries yet.', when: 'When', entry: 'Entry', by: 'Said by', changed: 'Fields', withheld: 'not for you to see', gap: 'Earlier items are not kept any more.' },
  { title: '反馈：其他来源对其条目的说法', none: '尚无其他来源涉及其条目。', when: '时间', entry: '条目', by: '来源', changed: '字段', withheld: '您无权查看', gap: '更早的反馈已不保留。' },
);

const MOST = 100;

/** The newest items of its way back, live. */
export function Joined({ id }: { id: string }) {
  const [items, setItems] = useState<Item[]>([]);
  useEffect(() => {
    const stop = new AbortController();
    let waiting: Item[] = [];
    // A burst is shown at most once a second.
    const timer = setInterval(() => {
      if (waiting.length === 0) return;
      const come = waiting;
      waiting = [];
      setItems(before => [...come.reverse(), ...before].slice(0, MOST));
    }, 1000);
    void follow(
      `/api/catalogue/${part(id)}/joined?from=0`,
      {
        message: data => {
          waiting.push(JSON.parse(data));
          if (waiting.length > MOST) waiting.shift();
        },
      },
      stop.signal,
    );
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [id]);
  return (
    <Panel title={w('title')}>
      {items.length === 0 ? (
        <p class="dim">{w('none')}</p>
      ) : (
        <Table caption={w('title')} head={[w('when'), w('entry'), w('by'), w('changed')]}>
          {items.map(item => (
            <tr key={item.number}>
              <td>
                <At at={item.at} />
              </td>
              {item.type === 'joined' ? (
                <>
                  <td>
                    {item.register}/{item.key}
                  </td>
                  <td>{item.by && <a href={`/sources/${part(item.by)}`}>{item.by}</a>}</td>
                  <td>{item.changed?.join(', ')}</td>
                </>
              ) : (
                <td colSpan={3} class="dim">
                  {item.type === 'withheld' ? w('withheld') : say(item.text) || w('gap')}
                </td>
              )}
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
