import { useEffect, useRef, useState } from 'preact/hooks';
import { call, part } from '../../api/client';
import { subjectPath } from '../../app/router';
import { departmentName, districtName, workflowName } from '../../app/session';
import { Age, At, Deadline, Panel, Severity, State } from '../../parts/bits';
import { Shown, reason } from '../../parts/load';
import { Why, withWhy } from '../../parts/why';
import { WhyWarning } from '../../parts/warning';
import { count, kindName, percent, say, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import { act } from './acting';
import { ActionDialog } from './actions';
import { type Afterwards, AfterwardsDialog } from './afterwards';
import { Evidence } from './evidence';
import { FieldAct } from './field';
import { KeyHelp } from './help';
import { History } from './history';
import { Linked, Ruling, Storm, isLinked } from './joined';
import { type Case, type Order, actionsOf, acts, decides, isMine, newKey, orderToDo } from './model';
import { Notices } from './notices';
import { Orders } from './orders';
import { CaseReports } from './reports';
import { goesOn, useKeys } from './review';
import { Stages } from './stages';
import { useCase } from './useCase';
import { actionName, resultName, routingReason, subjectKindName } from './words';
import './cases.css';

const w = words(
  {
    case: 'Case', orders: 'Work orders', routing: 'Why it is this department’s', why: 'Why this warning', evidence: 'Evidence', reports: (n: string) => `Reports (${n})`, storm: 'Warnings of others', linked: 'Linked cases', history: 'History', notices: 'Notices to the subject', dossier: 'Dossier', page: 'To print', json: 'Signed file (JSON)', full: 'with pictures',
    opened: 'Opened', closed: 'Closed', deadline: 'Deadline', lead: 'Lead', confidence: 'sure', warnings: (n: string) => `${n} readings say so`, reopened: (n: string) => `opened again ${n}×`, outcome: 'Outcome', done: (a: string) => `${a}: done.`, failed: (a: string, why: string) => `${a}: ${why}`, district: 'District',
    split: (n: string) => `Split off ${n}`, more: 'Case as a whole', merge: 'Merge …', callBacks: (n: string) => `reporters to be called back: ${n}`, keys: 'Keys', keysHint: '? shows the keys',
    next: 'next case of the list', previous: 'previous case of the list', accept: 'accept', complete: 'complete', return: 'return', comment: 'comment', help: 'these keys', send: 'in an open form: do it', back: 'back to the list', nobody: 'No work order of yours allows this now.', dossierHint: 'Everything the case rests on, signed, to be checked by anybody’s program.', subject: 'What is reported', seen: 'First seen', again: 'last', cleared: 'cleared meanwhile', merged: 'It goes on in', splitInto: 'The reports are now in', changed: 'Done.',
  },
  {
    case: '案件', orders: '工单', routing: '责任单位依据', why: '告警原因', evidence: '证据', reports: n => `群众上报（${n}）`, storm: '其他对象告警', linked: '关联案件', history: '办理经过', notices: '告知当事人', dossier: '案卷', page: '打印版', json: '签名文件（JSON）', full: '含图片',
    opened: '立案', closed: '结案', deadline: '办理时限', lead: '牵头部门', confidence: '置信度', warnings: n => `${n}条读数支持`, reopened: n => `已重办${n}次`, outcome: '处理结果', done: a => `已${a}。`, failed: (a, why) => `${a}未成功：${why}`, district: '区域',
    split: n => `拆分所选${n}条`, more: '整案操作', merge: '并入其他案件…', callBacks: n => `${n}位上报人待回访`, keys: '快捷键', keysHint: '按 ? 查看快捷键',
    next: '列表中下一案件', previous: '列表中上一案件', accept: '签收', complete: '办结', return: '退回', comment: '批注', help: '本快捷键说明', send: '在表单中：提交', back: '返回列表', nobody: '您目前没有可执行此操作的工单。', dossierHint: '案件所依据的全部内容，带签名，任何人可用程序核验。', subject: '上报内容', seen: '首次', again: '最近', cleared: '已解除', merged: '已并入', splitInto: '所选上报已另立案', changed: '已完成。',
  },
);

interface Props {
  id: string;
  /** Beside a list: its heading is below the page's own. */
  beside?: boolean;
  /** On a phone the handling stands first, as one form. */
  field?: boolean;
  go?: { next?: () => void; previous?: () => void; back?: () => void };
  /** Something was done with the case: the list beside it reads its row again. */
  changed?: (fresh: Order | null) => void;
  /** Counted up when an alert came about this case. */
  nudge?: number;
}

/** A case: what it is, where it stands, why, what it rests on, and what this person may do now. */
export function CaseView(props: Props) {
  const loaded = useCase(props.id, props.nudge);
  return (
    <div class="case" data-test="case" aria-busy={loaded.loading}>
      <Why look={props.id} of={loaded}>
        <Shown of={loaded}>{found => <CaseParts {...props} found={found} reload={loaded.reload} />}</Shown>
      </Why>
    </div>
  );
}

function CaseParts({ found, reload, beside, field, go, changed }: Props & { found: Case; reload: () => void }) {
  const [asking, setAsking] = useState<{ order: Order; action: string } | null>(null);
  const [after, setAfter] = useState<Afterwards | null>(null);
  const [help, setHelp] = useState(false);
  const [said, setSaid] = useState<{ text: string; bad?: boolean; to?: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [chosen, setChosen] = useState<string[]>([]);
  const [storm, setStorm] = useState(false);
  // The key of an acceptance stays until it is known to have been done, so that a second press is no second act.
  const accepting = useRef<Record<string, string>>({});
  useEffect(() => {
    setSaid(null);
    setChosen([]);
    setStorm(false);
  }, [found.id]);

  const done = (action: string, fresh: Order | null) => {
    reload();
    changed?.(fresh);
    setSaid({ text: w('done', actionName(action)) });
    if (goesOn.value && (action === 'complete' || action === 'return' || action === 'hand-on')) go?.next?.();
  };
  const choose = async (order: Order, action: string) => {
    if (action !== 'accept' && action !== 'resume') {
      setAsking({ order, action });
      return;
    }
    setBusy(true);
    try {
      const fresh = await act(order, action, {}, (accepting.current[`${order.id}/${action}/${order.accepted ?? order.issued}`] ??= newKey()));
      done(action, fresh);
    } catch (refused) {
      setSaid({ text: w('failed', actionName(action), reason(refused)), bad: true });
      reload();
      changed?.(null);
    }
    setBusy(false);
  };
  const mine = orderToDo(found);
  const byKey = (action: string) => () => {
    const order = found.workOrders.find(each => each === mine && actionsOf(each, found.lead).includes(action)) ?? found.workOrders.find(each => isMine(each) && each.state !== 'completed' && actionsOf(each, found.lead).includes(action));
    if (order) void choose(order, action);
    else setSaid({ text: `${actionName(action)}: ${w('nobody')}`, bad: true });
  };
  useKeys({ j: go?.next, k: go?.previous, a: busy ? undefined : byKey('accept'), c: byKey('complete'), r: byKey('return'), n: byKey('comment'), u: go?.back, '?': () => setHelp(true) });

  const whole = acts() && (decides() || isMine({ department: found.lead }));
  const closed = found.state === 'closed';
  const Heading = beside ? 'h2' : 'h1';
  const version = `${found.history.length}/${found.chain?.entries ?? 0}/${found.state}`;
  const mayComplete = mine && actionsOf(mine, found.lead).includes('complete');
  const subject = found.subjectKind === 'report' ? <span>{subjectKindName('report')}</span> : <a href={subjectPath(found.subjectKind, found.subject)} title={found.subject}>{subjectName(found.subject)}</a>;
  return (
    <>
      <section class={`panel case-head s${found.severity}`}>
        <div class="row">
          <Heading class="case-title">
            <Severity of={found.severity} /> {kindName(found.kind)} · <span class="case-subject">{subject}</span>
          </Heading>
          <span>
            <State of={found.state} /> {found.outcome && <strong>{resultName(found.outcome)}</strong>}
          </span>
        </div>
        <p class="dim case-line">
          <span>
            {w('case')} <a href={`/cases/${part(found.id)}`}>{found.id}</a>
          </span>
          <span>{districtName(found.district)}</span>
          <span>{workflowName(found.workflow)}</span>
          <span>
            {w('lead')} <strong>{departmentName(found.lead)}</strong>
          </span>
          <span>
            {w('opened')} <Age at={found.opened} />
          </span>
          {found.closed ? (
            <span>
              {w('closed')} <At at={found.closed} />
            </span>
          ) : (
            <span>
              {w('deadline')} <Deadline at={found.deadline} />
            </span>
          )}
          <span>
            {w('confidence')} {percent(found.confidence)}
          </span>
          {found.warnings > 1 && <span>{w('warnings', count(found.warnings))}</span>}
          {found.reopened ? <span class="soon">{w('reopened', count(found.reopened))}</span> : null}
          {found.callBacksDue ? <span class="soon">{w('callBacks', count(found.callBacksDue))}</span> : null}
        </p>
        <Stages found={found} />
        <p role="status" class={said?.bad ? 'error' : 'good'} data-test="said">
          {said?.text} {said?.to && <a href={`/cases/${part(said.to)}`}>{said.to}</a>}
        </p>
      </section>
      <div class="case-columns">
        <div class="stack">
          <Panel
            title={w('orders')}
            actions={
              <button type="button" class="quiet" onClick={() => setHelp(true)} title={w('keysHint')}>
                ? {w('keys')}
              </button>
            }
          >
            {field && mine && mayComplete && <FieldAct key={mine.id} order={mine} workflow={found.workflow} done={fresh => done('complete', fresh)} failed={reload} />}
            <Orders found={found} choose={(order, action) => void choose(order, action)} busy={busy} />
            {whole && (
              <details class="whole" open={closed}>
                <summary>{w('more')}</summary>
                <div class="buttons">
                  {closed && !found.mergedInto && decides() && (
                    <button type="button" onClick={() => setAfter({ what: 'reopen' })} data-test="reopen">
                      {actionName('reopen')}
                    </button>
                  )}
                  {closed && !found.mergedInto && !found.reports?.length && (
                    <button type="button" onClick={() => setAfter({ what: 'call-back' })} data-test="call-back">
                      {actionName('call-back')}
                    </button>
                  )}
                  {closed && (
                    <button type="button" onClick={() => setAfter({ what: 'archive' })} data-test="archive">
                      {actionName('archive')}
                    </button>
                  )}
                  {found.state === 'open' && (
                    <button type="button" onClick={() => setAfter({ what: 'merge' })} data-test="merge">
                      {w('merge')}
                    </button>
                  )}
                </div>
              </details>
            )}
          </Panel>
          <Panel title={w('routing')}>
            {found.ruling && <Ruling of={found.ruling} />}
            <p class={found.ruling ? 'dim' : ''}>{routingReason(found.reason)}</p>
          </Panel>
          {isLinked(found) && (
            <Panel title={w('linked')}>
              <Linked found={found} />
            </Panel>
          )}
          <Panel title={w('notices')}>
            <Notices id={found.id} version={version} />
          </Panel>
        </div>
        <div class="stack">
          <Panel title={found.subjectKind === 'report' ? w('subject') : w('why')}>
            {found.subjectKind === 'report' ? <p>{say(found.warning.explanation)}</p> : (
              <>
                <h3 class="why-when">
                  {w('seen')} <Age at={found.warning.since} />
                  {found.warning.updated !== found.warning.since && (
                    <>
                      , {w('again')} <Age at={found.warning.updated} />
                    </>
                  )}
                  {!found.warning.open && ` · ${w('cleared')}`}
                </h3>
                <WhyWarning warning={found.warning} />
              </>
            )}
          </Panel>
          {found.reports && found.reports.length > 0 && (
            <Panel
              title={w('reports', count(found.reportCount ?? found.reports.length))}
              actions={
                whole &&
                found.state === 'open' &&
                (found.reports.length > 1 || found.warnings > 0) && (
                  <button type="button" disabled={!chosen.length} onClick={() => setAfter({ what: 'split', reports: chosen })} data-test="split">
                    {w('split', chosen.length ? count(chosen.length) : '')}
                  </button>
                )
              }
            >
              <CaseReports found={found} chosen={chosen} choose={whole && found.state === 'open' && (found.reports.length > 1 || found.warnings > 0) ? setChosen : undefined} callBack={whole && closed ? report => setAfter({ what: 'call-back', report }) : undefined} />
            </Panel>
          )}
          {found.storm && (
            <Panel title={w('storm')}>
              <Storm found={found} all={storm} showAll={() => setStorm(true)} />
            </Panel>
          )}
          <Panel title={w('evidence')}>
            <Evidence id={found.id} version={version} reported={found.subjectKind === 'report'} />
          </Panel>
          <Panel title={w('dossier')}>
            <p class="dim">{w('dossierHint')}</p>
            <div class="buttons">
              <a class="button" href={withWhy(found.id, `/api/cases/${part(found.id)}/dossier`)} target="_blank" rel="noopener" data-test="dossier">
                {w('page')}
              </a>
              <JsonLink id={found.id} />
              <JsonLink id={found.id} pictures />
            </div>
          </Panel>
        </div>
        <Panel title={w('history')} class="case-history">
          <History found={found} />
        </Panel>
      </div>
      {asking && <ActionDialog order={asking.order} action={asking.action} workflow={found.workflow} close={() => setAsking(null)} done={fresh => done(asking.action, fresh)} stale={reload} />}
      {after && (
        <AfterwardsDialog
          found={found}
          of={after}
          close={() => setAfter(null)}
          stale={reload}
          done={into => {
            reload();
            changed?.(null);
            setChosen([]);
            setSaid({ text: w(after.what === 'merge' ? 'merged' : after.what === 'split' ? 'splitInto' : 'changed'), to: into });
          }}
        />
      )}
      {help && (
        <KeyHelp
          close={() => setHelp(false)}
          of={[
            ...(go?.next || go?.previous ? ([['J', w('next')], ['K', w('previous')]] as [string, string][]) : []),
            ['A', w('accept')],
            ['C', w('complete')],
            ['R', w('return')],
            ['N', w('comment')],
            ...(go?.back ? ([['U', w('back')]] as [string, string][]) : []),
            ['Ctrl + Enter', w('send')],
            ['?', w('help')],
          ]}
        />
      )}
    </>
  );
}

/** A link asks as a page does, and the address answers with a page; the file has to be asked for by its type. */
function JsonLink({ id, pictures }: { id: string; pictures?: boolean }) {
  const [error, setError] = useState('');
  const save = async () => {
    setError('');
    try {
      const file = await (await call(withWhy(id, `/api/cases/${part(id)}/dossier${pictures ? '?include=pictures' : ''}`), { headers: { Accept: 'application/json' } })).blob();
      const url = URL.createObjectURL(file);
      const link = Object.assign(document.createElement('a'), { href: url, download: `${id}.json` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    } catch (refused) {
      setError(reason(refused));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void save()}>
        {w('json')}
        {pictures ? ` · ${w('full')}` : ''}
      </button>
      {error && (
        <span class="error" role="alert">
          {error}
        </span>
      )}
    </>
  );
}
