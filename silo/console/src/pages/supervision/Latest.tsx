import { get, query } from '../../api/client';
import type { WorkOrder } from '../../api/types';
import { anyStageName, departmentName, districtName } from '../../app/session';
import { casePath } from '../../app/router';
import { Deadline, Panel, Severity, Table } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { kindName, words } from '../../words/language';

const w = words(
  { title: 'Longest overdue', late: 'Deadline', who: 'With whom', what: 'What', case: 'Case', stage: 'Stage', nobody: 'nobody took it on', none: 'No open work order is overdue.' },
  { title: '逾期最久', late: '时限', who: '责任方', what: '事项', case: '案件', stage: '环节', nobody: '尚无人签收', none: '没有逾期的在办工单。' },
);

const SHOWN = 10;

/** The work orders that are overdue longest, each with who has it. */
export function Latest({ department, district }: { department: string; district: string }) {
  const path = `/api/workorders${query({ open: true, overdue: true, order: 'deadline', department, district, limit: SHOWN })}`;
  const orders = useLoad(path, signal => get<{ items: WorkOrder[] }>(path, signal), 30_000);
  return (
    <Panel title={w('title')}>
      <Shown of={orders} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <Table caption={w('title')} head={[w('late'), w('who'), w('what'), w('stage'), w('case')]}>
            {page.items.map(item => (
              <tr key={item.id} data-test="latest-row">
                <td>
                  <Deadline at={due(item)} />
                </td>
                <td>
                  <strong>{departmentName(item.department)}</strong>
                  <div class="dim">{item.assignee ?? w('nobody')}</div>
                </td>
                <td>
                  <Severity of={item.severity} /> {kindName(item.kind)}
                  <div class="dim">
                    {item.subject} · {districtName(item.district)}
                  </div>
                </td>
                <td>{anyStageName(item.stage)}</td>
                <td>
                  <a href={casePath(item.case)}>{item.case}</a>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
    </Panel>
  );
}

const due = (of: WorkOrder) => of.deadline ?? of.acceptBy ?? of.issued;
