import { useComputed } from '@preact/signals';
import { casePath } from '../../app/router';
import { anyStageName, departmentName, districtName, nowMs, rulebook } from '../../app/session';
import { Age, Deadline, Severity } from '../../parts/bits';
import { count, kindName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import { type Case, byDeadline, nearness, waitingSince } from './model';
import { reviewFrom } from './review';

const w = words(
  {
    overdue: 'Overdue', soon: 'Within 2 h', day: 'Within 24 h', later: 'Later', parked: 'Parked', done: 'Over', none: 'None', more: (n: string) => `and ${n} more: narrow them down, or use the list`, waits: 'not accepted',
  },
  { overdue: '已逾期', soon: '2小时内到期', day: '24小时内到期', later: '更晚', parked: '已挂账', done: '已结束', none: '无', more: n => `另有${n}件，请缩小范围或使用列表`, waits: '未签收' },
);

/** Cards of one column that are drawn; the list has the others. */
const DRAWN = 40;

/** Cases in columns: by how near the deadline is, which is what a supervisor acts on, or by the stage that they are in. */
export function Board({ items, by }: { items: Case[]; by: 'deadline' | 'stage' }) {
  // The columns change with the minute, not with each second.
  const now = useComputed(() => Math.floor(nowMs.value / 30_000) * 30_000).value;
  const columns: { id: string; name: string; tone?: string; items: Case[] }[] = [];
  if (by === 'deadline') {
    const near = (each: (typeof items)[number]) => nearness(each, now);
    for (const id of ['overdue', 'soon', 'day', 'later', 'parked', 'done'] as const) {
      const of = items.filter(item => near(item) === id);
      // What is usually empty has no column.
      if (of.length || (id !== 'parked' && id !== 'done')) columns.push({ id, name: w(id), tone: id === 'overdue' ? 'late' : id === 'soon' ? 'soon' : '', items: of });
    }
  } else {
    const order = rulebook.value.workflows.flatMap(item => item.stages.map(stage => stage.id));
    const stages = [...new Set(items.map(item => item.stage))].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    for (const id of stages) columns.push({ id, name: anyStageName(id), items: items.filter(item => item.stage === id) });
  }
  const ordered = columns.map(column => ({ ...column, items: [...column.items].sort(byDeadline) }));
  const ids = () => reviewFrom(ordered.flatMap(column => column.items.map(item => item.id)));
  return (
    <div class="board" data-test="board">
      {ordered.map(column => (
        <section key={column.id} class={`column ${column.items.length ? '' : 'empty'}`} aria-label={column.name} data-test={`column-${column.id}`}>
          <h2 class={column.tone}>
            {column.name} <span class="dim">{count(column.items.length)}</span>
          </h2>
          {column.items.length === 0 && <p class="dim">{w('none')}</p>}
          {column.items.slice(0, DRAWN).map(item => (
            <Card key={item.id} item={item} open={ids} />
          ))}
          {column.items.length > DRAWN && <p class="dim">{w('more', count(column.items.length - DRAWN))}</p>}
        </section>
      ))}
    </div>
  );
}

function Card({ item, open }: { item: Case; open: () => void }) {
  const waiting = waitingSince(item);
  return (
    <a class={`card s${item.severity}`} href={casePath(item.id)} onClick={open} data-test="case-card">
      <span class="row">
        <strong>{kindName(item.kind)}</strong>
        <Severity of={item.severity} />
      </span>
      <span class="card-subject">{subjectName(item.subject)}</span>
      <span class="row dim">
        <span>{departmentName(item.lead)}</span>
        <span>{districtName(item.district)}</span>
      </span>
      <span class="row">
        <span>{item.state === 'open' ? <Deadline at={item.deadline} /> : <Age at={item.closed ?? item.opened} />}</span>
        {waiting && <span class={waiting.acceptBy && Date.parse(waiting.acceptBy) < nowMs.value ? 'late' : 'soon'}>{w('waits')}</span>}
      </span>
    </a>
  );
}
