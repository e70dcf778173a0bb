import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { get, part, post, send } from '../../api/client';
import { departmentName, districtName, me, workflowName } from '../../app/session';
import { casePath } from '../../app/router';
import { Age, At, Facts, Panel, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { count, kindName, severityName, words } from '../../words/language';

interface Rule {
  name: string;
  kinds: string[];
  districts: string[];
  minSeverity: number;
  homeProvinces: string[];
  lead: string;
  coHandlers: string[];
  workflow: string;
}

interface Offer {
  id: string;
  rule: Rule;
  rulings: number;
  why: Record<string, number>;
  newest: string;
  ruledCases: string[];
  trial: { cases: number; caught: number; first: string[] };
}

interface Added {
  rule: Rule;
  by: string;
  at: string;
  reason: string;
}

const w = words(
  {
    offers: 'Rulings that could be rules', explain: 'What the command centre ruled the same way again and again. As a rule it goes to the right department at once.', noOffers: 'No ruling was made that is not a rule already.', added: 'Rules that were added', noAdded: 'None was added: the rules of the files alone are in force.', accept: 'Make it a rule', dismiss: 'Dismiss', remove: 'Take back',
    acceptTitle: 'Make this a rule', dismissTitle: 'Dismiss this offer', removeTitle: (n: string) => `Take the rule ${n} back?`, name: 'Name of the rule', reason: 'Reason', ruled: (n: string) => `ruled so ${n}×`, caught: (n: string, of: string) => `would have caught ${n} of the command centre’s newest ${of} cases`, to: (d: string) => `goes to ${d}`, with: 'with', from: 'from severity', kinds: 'Kinds', districts: 'Districts', provinces: 'Vehicles',
    local: 'local', other: 'of other provinces', workflow: 'Workflow', cases: 'Cases that were ruled so', newest: 'Newest', because: 'Came to the centre', unmatched: 'no rule fitted', disputed: 'disputed', returned: 'returned', all: 'all', rule: 'Rule', by: 'By', when: 'When', again: 'It is not offered again.', stay: 'Cases stay where they are.', version: (v: string) => `Rulebook version ${v}`, order: 'They are asked in this order, before those of the files.',
  },
  {
    offers: '可固化为规则的裁定', explain: '指挥中心多次作出的相同裁定；固化为规则后将直接派至责任部门。', noOffers: '没有尚未成为规则的裁定。', added: '已增加的规则', noAdded: '尚未增加规则，仅适用规则文件。', accept: '设为规则', dismiss: '不采纳', remove: '撤销',
    acceptTitle: '设为规则', dismissTitle: '不采纳该建议', removeTitle: n => `撤销规则 ${n}？`, name: '规则名称', reason: '理由', ruled: n => `已如此裁定 ${n} 次`, caught: (n, of) => `指挥中心最近 ${of} 件案件中可覆盖 ${n} 件`, to: d => `派至${d}`, with: '协办', from: '最低等级', kinds: '类型', districts: '区域', provinces: '车辆',
    local: '本地', other: '外省', workflow: '流程', cases: '如此裁定的案件', newest: '最近一次', because: '送指挥中心原因', unmatched: '无匹配规则', disputed: '有争议', returned: '被退回', all: '全部', rule: '规则', by: '操作人', when: '时间', again: '不再建议。', stay: '已派案件不变。', version: v => `规则版本 ${v}`, order: '按此顺序匹配，先于规则文件。',
  },
);

const settles = () => me.value?.role === 'administrator' || (me.value?.role === 'supervisor' && me.value.district === '*' && (!me.value.department || me.value.department === 'command-centre'));
const whyName = (why: string) => (why === 'unmatched' || why === 'disputed' || why === 'returned' ? w(why) : why);

type Asking = { what: 'accept'; offer: Offer } | { what: 'dismiss'; offer: Offer } | { what: 'remove'; name: string } | null;

/** Rulings offered as rules of the responsibility matrix, and the rules that were added. */
export function Routing() {
  const offers = useLoad('/api/routing-rules/offers', signal => get<{ version: number; cases: number; items: Offer[] }>('/api/routing-rules/offers', signal), 30_000);
  const added = useLoad('/api/routing-rules', signal => get<{ version: number; items: Added[] }>('/api/routing-rules', signal), 30_000);
  const [asking, setAsking] = useState<Asking>(null);
  const done = () => {
    offers.reload();
    added.reload();
  };
  return (
    <div class="stack">
      <Panel title={w('offers')}>
        <p class="dim">{w('explain')}</p>
        <Shown of={offers} empty={answer => (answer.items.length ? null : w('noOffers'))}>
          {answer => (
            <div class="stack">
              {answer.items.map(offer => (
                <section key={offer.id} class="panel" data-test="offer">
                  <h3>
                    {w('to', departmentName(offer.rule.lead))} · {w('ruled', count(offer.rulings))}
                  </h3>
                  <Rules of={offer.rule} />
                  <p>{w('caught', count(offer.trial.caught), count(offer.trial.cases))}</p>
                  <p class="dim">
                    {w('because')}: {Object.entries(offer.why).map(([why, n]) => `${whyName(why)} ${count(n)}`).join(', ')} · {w('newest')} <Age at={offer.newest} />
                  </p>
                  <p>
                    {w('cases')}:{' '}
                    {offer.ruledCases.slice(0, 10).map((id, i) => (
                      <Fragment key={id}>
                        {i > 0 && ', '}
                        <a href={casePath(id)}>{id}</a>
                      </Fragment>
                    ))}
                  </p>
                  {settles() && (
                    <div class="buttons">
                      <button class="main" onClick={() => setAsking({ what: 'accept', offer })} data-test="accept-offer">
                        {w('accept')}
                      </button>
                      <button onClick={() => setAsking({ what: 'dismiss', offer })} data-test="dismiss-offer">
                        {w('dismiss')}
                      </button>
                    </div>
                  )}
                </section>
              ))}
            </div>
          )}
        </Shown>
      </Panel>
      <Panel title={w('added')}>
        <Shown of={added} empty={answer => (answer.items.length ? null : w('noAdded'))}>
          {answer => (
            <>
              <p class="dim">
                {w('order')} {w('version', count(answer.version))}
              </p>
              <Table caption={w('added')} head={[w('rule'), w('reason'), w('by'), w('when'), '']}>
                {answer.items.map(each => (
                  <tr key={each.rule.name} data-test="added-rule">
                    <td>
                      <strong>{each.rule.name}</strong>
                      <Rules of={each.rule} />
                    </td>
                    <td>{each.reason}</td>
                    <td>{each.by}</td>
                    <td>
                      <At at={each.at} />
                    </td>
                    <td>{settles() && <button onClick={() => setAsking({ what: 'remove', name: each.rule.name })}>{w('remove')}</button>}</td>
                  </tr>
                ))}
              </Table>
            </>
          )}
        </Shown>
      </Panel>
      {asking && <Ask of={asking} close={() => setAsking(null)} done={done} />}
    </div>
  );
}

const Rules = ({ of }: { of: Rule }) => (
  <Facts
    of={[
      [w('kinds'), of.kinds.map(kindName).join(', ') || w('all')],
      [w('districts'), of.districts.map(districtName).join(', ') || w('all')],
      [w('from'), severityName(of.minSeverity)],
      [w('provinces'), of.homeProvinces.map(each => (each === 'local' ? w('local') : each === 'other' ? w('other') : each)).join(', ') || w('all')],
      [w('to', ''), departmentName(of.lead)],
      [w('with'), of.coHandlers.map(departmentName).join(', ')],
      [w('workflow'), workflowName(of.workflow)],
    ]}
  />
);

function Ask({ of, close, done }: { of: NonNullable<Asking>; close: () => void; done: () => void }) {
  const [reason, setReason] = useState('');
  const [name, setName] = useState(of.what === 'accept' ? of.offer.rule.name : '');
  const act = async () => {
    if (of.what === 'remove') await send('DELETE', `/api/routing-rules/${part(of.name)}?reason=${part(reason)}`);
    else await post(`/api/routing-rules/offers/${part(of.offer.id)}/${of.what}`, of.what === 'accept' ? { reason, name: name.trim() } : { reason });
    done();
  };
  const title = of.what === 'accept' ? w('acceptTitle') : of.what === 'dismiss' ? w('dismissTitle') : w('removeTitle', of.name);
  return (
    <Dialog title={title} act={act} actName={w(of.what)} danger={of.what === 'remove'} close={close}>
      {of.what === 'accept' ? (
        <>
          <Rules of={of.offer.rule} />
          <Field name={w('name')}>
            <input required value={name} onInput={event => setName(event.currentTarget.value)} data-test="rule-name" />
          </Field>
        </>
      ) : (
        <p class="dim">{of.what === 'dismiss' ? w('again') : w('stay')}</p>
      )}
      <Field name={w('reason')}>
        <textarea required value={reason} onInput={event => setReason(event.currentTarget.value)} data-test="reason" />
      </Field>
    </Dialog>
  );
}
