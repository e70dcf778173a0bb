import { part } from '../../api/client';
import { districtName } from '../../app/session';
import { At, Panel, Table } from '../../parts/bits';
import { Shown } from '../../parts/load';
import { More, usePages } from '../../parts/pages';
import { count, words } from '../../words/language';
import { happeningName, healthName, sourceKindName } from './names';

interface Entry {
  kind: string;
  position: number;
  received: string;
  change?: string;
  detail?: Record<string, unknown>;
}

const w = words(
  { title: 'History', when: 'When', what: 'What', detail: 'Detail', none: 'Nothing happened that is still kept.', accepted: 'taken', rejected: 'refused' },
  { title: '历史', when: '时间', what: '事项', detail: '详情', none: '没有保留的历史记录。', accepted: '接收', rejected: '拒收' },
);

/** What came from it and what followed, newest first. */
export function Happenings({ id }: { id: string }) {
  const all = usePages<Entry>(`/api/sources/${part(id)}/history`, undefined, 15, 'cursor');
  return (
    <Panel title={w('title')}>
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('title')} head={[w('when'), w('what'), w('detail')]}>
              {page.items.map((entry, i) => (
                <tr key={`${entry.position}/${i}`}>
                  <td>
                    <At at={entry.received} />
                  </td>
                  <td>
                    {happeningName(entry.kind)}
                    {entry.change && <div class="dim">{entry.change}</div>}
                  </td>
                  <td>{told(entry.detail)}</td>
                </tr>
              ))}
            </Table>
            <More of={all} />
          </>
        )}
      </Shown>
    </Panel>
  );
}

function told(detail?: Record<string, unknown>): string {
  if (!detail) return '';
  if (typeof detail.kind === 'string' && typeof detail.district === 'string' && 'topics' in detail) return [sourceKindName(detail.kind), districtName(detail.district), detail.disabled && healthName('disabled')].filter(Boolean).join(', ');
  if (typeof detail.accepted === 'number' && typeof detail.rejected === 'number') return `${w('accepted')} ${count(detail.accepted)}, ${w('rejected')} ${count(detail.rejected)}`;
  return Object.entries(detail)
    .filter(([, value]) => value !== null && typeof value !== 'object' && value !== '')
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ');
}
