import { get, part } from '../../api/client';
import type { Page, Warning } from '../../api/types';
import { casePath, subjectPath } from '../../app/router';
import { departmentName } from '../../app/session';
import { Age, At, Facts, Severity, Table } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { count, kindName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import type { Case } from './model';
import { subjectKindName } from './words';

const w = words(
  {
    storm: 'Warnings of others in this case', joined: 'Joined', held: 'Held back until this one ends', cleared: 'Cleared', told: 'Messages to each department', untold: 'Since the last message', rule: 'By the storm rule', subject: 'Subject', kind: 'Kind', severity: 'Severity', since: 'Since', all: 'Show all of them',
    earlier: 'Earlier cases of the same', into: 'Goes on in', from: 'Merged from', split: 'Split from', ruling: 'Ruled by the command centre', with: 'with', unmatched: 'no rule of the matrix named a department', disputed: 'departments disputed it', returned: 'departments pushed it on', more: (n: string) => `The first ${n}`, state: 'State', open: 'open', over: 'cleared',
  },
  {
    storm: '本案合并的其他告警', joined: '合并', held: '暂缓（待本案告警结束）', cleared: '已解除', told: '已发各部门', untold: '上次通知后新增', rule: '合并规则', subject: '对象', kind: '类型', severity: '等级', since: '起始', all: '显示全部',
    earlier: '同一对象历史案件', into: '并入', from: '并自', split: '拆自', ruling: '指挥中心裁定', with: '协办', unmatched: '责任清单未指定部门', disputed: '部门有争议', returned: '部门多次退转', more: n => `前${n}条`, state: '状态', open: '未解除', over: '已解除',
  },
);

const Subject = ({ kind, id }: { kind: string; id: string }) => (kind === 'report' ? <span>{subjectName(id)}</span> : <a href={subjectPath(kind, id)}>{subjectName(id)}</a>);

/** Warnings of other subjects that are kept with the case; of a storm the first ones, and all of them when asked for. */
export function Storm({ found, all, showAll }: { found: Case; all: boolean; showAll: () => void }) {
  const storm = found.storm!;
  const every = useLoad<Warning[]>(all ? `storm/${found.id}` : null, async signal => (await get<Page<Warning>>(`/api/warnings?case=${part(found.id)}&limit=200`, signal)).items);
  return (
    <>
      <Facts
        of={[
          [w('joined'), count(storm.joined)],
          [w('held'), count(storm.held)],
          [w('cleared'), count(storm.cleared)],
          [w('told'), count(storm.told)],
          [w('untold'), count(storm.untold)],
          [w('rule'), storm.rule],
        ]}
      />
      {all ? (
        <Shown of={every}>
          {items => (
            <Table head={[w('subject'), w('kind'), w('severity'), w('since'), w('state')]} caption={w('storm')}>
              {items.map(item => (
                <tr key={item.id}>
                  <td>
                    <span class="dim">{subjectKindName(item.subjectKind)}</span> <Subject kind={item.subjectKind} id={item.subject} />
                  </td>
                  <td>{kindName(item.kind)}</td>
                  <td>
                    <Severity of={item.severity} />
                  </td>
                  <td>
                    <Age at={item.since} />
                  </td>
                  <td>{w(item.open ? 'open' : 'over')}</td>
                </tr>
              ))}
            </Table>
          )}
        </Shown>
      ) : (
        <>
          <Table head={[w('subject'), w('kind'), w('severity'), w('since')]} caption={w('more', count(storm.first.length))}>
            {storm.first.map(item => (
              <tr key={item.warning}>
                <td>{subjectName(item.subject)}</td>
                <td>{kindName(item.kind)}</td>
                <td>
                  <Severity of={item.severity} />
                </td>
                <td>
                  <Age at={item.at} />
                </td>
              </tr>
            ))}
          </Table>
          <div class="buttons">
            <button type="button" onClick={showAll}>
              {w('all')}
            </button>
          </div>
        </>
      )}
    </>
  );
}

const CaseLink = ({ id }: { id: string }) => <a href={casePath(id)}>{id}</a>;

export const isLinked = (found: Case) => !!(found.earlier?.length || found.mergedInto || found.mergedFrom?.length || found.splitFrom);

/** Other cases that this one has to do with. */
export function Linked({ found }: { found: Case }) {
  const links = (ids?: string[]) =>
    ids?.length ? (
      <span class="links">
        {ids.map(id => (
          <CaseLink key={id} id={id} />
        ))}
      </span>
    ) : null;
  return (
    <Facts
      of={[
        [w('into'), found.mergedInto && <CaseLink id={found.mergedInto} />],
        [w('from'), links(found.mergedFrom)],
        [w('split'), found.splitFrom && <CaseLink id={found.splitFrom} />],
        [w('earlier'), links(found.earlier)],
      ]}
    />
  );
}

/** Whose the command centre ruled it to be, which goes before what the matrix says. */
export function Ruling({ of }: { of: NonNullable<Case['ruling']> }) {
  return (
    <p>
      <strong>
        {w('ruling')}: {departmentName(of.lead)}
        {of.coHandlers.length > 0 && `, ${w('with')} ${of.coHandlers.map(departmentName).join(' · ')}`}
      </strong>
      <br />
      <span class="dim">
        {['unmatched', 'disputed', 'returned'].includes(of.why) ? w(of.why as 'unmatched') : of.why} · {of.by} · <At at={of.at} />
      </span>
    </p>
  );
}
