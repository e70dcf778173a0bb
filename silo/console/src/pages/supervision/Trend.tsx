import { get, query } from '../../api/client';
import { Panel } from '../../parts/bits';
import { Bars, shortDay } from '../../parts/bars';
import { Shown, useLoad } from '../../parts/load';
import { quantity, words } from '../../words/language';
import { addDays, asked } from './period';
import type { Board } from './Work';

const w = words(
  { title: 'Days before', completed: 'Completed a day', inTime: 'in time', late: 'late', received: 'Received a day', got: 'received', missed: 'deadlines missed', table: 'As a table', orders: 'work orders', none: 'There are no earlier days yet.', missedTitle: 'Deadlines missed a day' },
  { title: '近日走势', completed: '每日办结', inTime: '按时', late: '逾期', received: '每日收到', got: '收到', missed: '错过时限', table: '以表格显示', orders: '件', none: '尚无更早的记录。', missedTitle: '每日错过时限' },
);

const DAYS = 14;

/** The fortnight up to the chosen day. The server sums a day at a time, so the days are asked for one after the other, and those before its first record not at all. */
export function Trend({ department, district, reachesBackTo }: { department: string; district: string; reachesBackTo?: string }) {
  const last = asked().day;
  const first = reachesBackTo?.slice(0, 10) ?? last;
  const days = Array.from({ length: DAYS }, (_, i) => addDays(last, i - DAYS + 1)).filter(date => date >= first);
  const loaded = useLoad(`trend/${department}/${district}/${days.join()}`, async signal => {
    const boards: { date: string; board: Board }[] = [];
    for (const date of days) boards.push({ date, board: await get<Board>(`/api/scoreboard${query({ table: 'work', groupBy: 'department', day: date, department, district })}`, signal) });
    return boards;
  });
  const format = (value: number) => quantity(value, w('orders'));
  return (
    <Panel title={w('title')}>
      <Shown of={loaded} empty={boards => (boards.length ? null : w('none'))}>
        {boards => (
          <div class="grid">
            <Bars
              title={w('completed')}
              tableName={w('table')}
              format={format}
              series={[
                { name: w('inTime'), tone: 'good' },
                { name: w('late'), tone: 'late' },
              ]}
              of={boards.map(({ date, board }) => ({ label: shortDay(date), values: [board.total.inTime, board.total.late] }))}
            />
            <Bars title={w('received')} tableName={w('table')} format={format} series={[{ name: w('got'), tone: 'plain' }]} of={boards.map(({ date, board }) => ({ label: shortDay(date), values: [board.total.received] }))} />
            <Bars title={w('missedTitle')} tableName={w('table')} format={format} series={[{ name: w('missed'), tone: 'late' }]} of={boards.map(({ date, board }) => ({ label: shortDay(date), values: [board.total.missedDeadlines] }))} />
          </div>
        )}
      </Shown>
    </Panel>
  );
}
