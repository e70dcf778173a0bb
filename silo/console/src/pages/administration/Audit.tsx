import { query } from '../../api/client';
import { departmentName } from '../../app/session';
import { casePath, route, setQuery, subjectPath } from '../../app/router';
import { At, Table } from '../../parts/bits';
import { Shown } from '../../parts/load';
import { More, usePages } from '../../parts/pages';
import { Why, withWhy } from '../../parts/why';
import { words } from '../../words/language';
import { registerName } from '../../words/registers';
import { codeName } from './names';

interface Entry {
  id: string;
  who: string;
  role: string;
  department?: string;
  district: string;
  act: string;
  verb: string;
  route: string;
  onBehalfOf?: string;
  subjectKind?: string;
  subject?: string;
  asked?: string;
  what?: string;
  status?: number;
  reason?: string;
  address?: string;
  at: string;
}

const w = words(
  {
    who: 'Who', subject: 'About', act: 'Looked or changed', all: 'both', look: 'looks', change: 'changes', from: 'From', to: 'To', when: 'When', what: 'What', outcome: 'Outcome', why: 'Why', none: 'No entry fits these filters.', caption: 'Audit, newest first', done: 'done', refused: 'refused', unknown: 'end unknown', behalf: (n: string) => `on behalf of ${n}`, failed: 'failed', again: 'Read again',
    hint: 'Changes, and looks at whereabouts and persons. Nothing here can be changed or removed.',
  },
  {
    who: '操作人', subject: '对象', act: '查看或变更', all: '全部', look: '查看', change: '变更', from: '起', to: '止', when: '时间', what: '事项', outcome: '结果', why: '理由', none: '没有符合条件的记录。', caption: '审计记录，最新在前', done: '成功', refused: '被拒绝', unknown: '结果未知', behalf: n => `代 ${n}`, failed: '失败', again: '刷新',
    hint: '记录所有变更及对行踪、人员信息的查看；不可更改或删除。',
  },
);

const time = (local: string) => (local ? new Date(local).toISOString() : '');

/** Who changed or looked at what, and why. */
export function Audit() {
  const asked = route.value.query;
  const value = (name: string) => asked.get(name) ?? '';
  // Looking at the audit is in the audit: it is read when somebody asks for it, and not by itself.
  const all = usePages<Entry>(withWhy('audit', `/api/audit${query({ who: value('who'), subject: value('subject'), act: value('act'), from: time(value('from')), to: time(value('to')) })}`), undefined, 50);
  const text = (name: 'who' | 'subject') => (
    <label class="field">
      <span>{w(name)}</span>
      <input type="search" value={value(name)} onChange={event => setQuery({ [name]: event.currentTarget.value.trim() })} data-test={`audit-${name}`} />
    </label>
  );
  const moment = (name: 'from' | 'to') => (
    <label class="field">
      <span>{w(name)}</span>
      <input type="datetime-local" value={value(name)} onChange={event => setQuery({ [name]: event.currentTarget.value })} />
    </label>
  );
  return (
    <div class="stack">
      <p class="dim">{w('hint')}</p>
      <div class="filters">
        {text('who')}
        {text('subject')}
        <label class="field">
          <span>{w('act')}</span>
          <select value={value('act')} onChange={event => setQuery({ act: event.currentTarget.value })} data-test="audit-act">
            <option value="">{w('all')}</option>
            <option value="look">{w('look')}</option>
            <option value="change">{w('change')}</option>
          </select>
        </label>
        {moment('from')}
        {moment('to')}
        <button onClick={all.reload} disabled={all.loading}>
          {w('again')}
        </button>
      </div>
      <Why look="audit" of={all}>
        <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
          {page => (
            <>
              <Table caption={w('caption')} head={[w('when'), w('who'), w('what'), w('subject'), w('outcome'), w('why')]}>
                {page.items.map(entry => (
                  <tr key={entry.id} data-test="audit-row">
                    <td>
                      <At at={entry.at} />
                    </td>
                    <td>
                      <strong>{entry.who}</strong>
                      <div class="dim">
                        {codeName(entry.role)}
                        {entry.department && `, ${departmentName(entry.department)}`}
                        {entry.onBehalfOf && `, ${w('behalf', entry.onBehalfOf)}`}
                        {entry.address && ` · ${entry.address}`}
                      </div>
                    </td>
                    <td>
                      <span class={entry.act === 'change' ? 'soon' : ''}>{codeName(entry.act)}</span> {entry.what}
                      <div class="dim code">
                        {entry.verb} {entry.route}
                        {entry.asked && `?${entry.asked}`}
                      </div>
                    </td>
                    <td>
                      <Subject of={entry} />
                    </td>
                    <td>
                      <Outcome status={entry.status} />
                    </td>
                    <td>{entry.reason}</td>
                  </tr>
                ))}
              </Table>
              <More of={all} />
            </>
          )}
        </Shown>
      </Why>
    </div>
  );
}

const paths: Record<string, (id: string) => string> = {
  vehicle: id => subjectPath('vehicle', id),
  enterprise: id => subjectPath('enterprise', id),
  place: id => subjectPath('place', id),
  source: id => subjectPath('source', id),
  device: id => subjectPath('source', id),
  case: casePath,
  // A work order is named by its case and a number.
  'work-order': id => casePath(id.replace(/-w\d+$/, '')),
  scene: id => `/models?tab=scenes&scene=${encodeURIComponent(id)}`,
};

/** `register:vehicles` is a register and which. */
const subjectKindName = (kind = '') => (kind.startsWith('register:') ? registerName(kind.slice(9)) : codeName(kind));

function Subject({ of }: { of: Entry }) {
  if (!of.subject) return <span class="dim">{subjectKindName(of.subjectKind)}</span>;
  const path = paths[of.subjectKind ?? ''];
  return (
    <>
      {path ? <a href={path(of.subject)}>{of.subject}</a> : of.subject}
      <div class="dim">{subjectKindName(of.subjectKind)}</div>
    </>
  );
}

const Outcome = ({ status }: { status?: number }) =>
  status === undefined ? <span class="soon">? {w('unknown')}</span> : status < 400 ? <span class="good">✓ {w('done')}</span> : <span class="late">× {status < 500 ? w('refused') : w('failed')} ({status})</span>;

