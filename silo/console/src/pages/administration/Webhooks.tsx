import { useState } from 'preact/hooks';
import { part, post, send } from '../../api/client';
import type { Alert } from '../../api/types';
import { departmentName, me } from '../../app/session';
import { casePath, route, setQuery } from '../../app/router';
import { Age, At, Deadline, Panel, Severity, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { reason, Shown } from '../../parts/load';
import { Once } from '../../parts/once';
import { More, usePages } from '../../parts/pages';
import { count, kindName, severityName, words } from '../../words/language';
import { alertTypes, codeName } from './names';
import { DepartmentField, DistrictField, districtOrCity } from './Where';

interface Webhook {
  id: string;
  url: string;
  department: string;
  district: string;
  types: string[];
  minSeverity: number;
  state: string;
  through: number;
  by: string;
  created: string;
  deadLetters: number;
  deadLettersDropped: number;
  resend: number[];
  failing?: { number: number; since: string; attempts: number; next: string; reason: string };
  reason?: string;
}

interface DeadLetter {
  number: number;
  at: string;
  attempts: number;
  reason: string;
  item: Alert;
}

const w = words(
  {
    explain: 'Sends a department’s alerts to another system as they come, each signed. What cannot be delivered within 24 hours is kept as a dead letter.', register: 'Register a webhook', url: 'Address', urlHint: 'https://…', none: 'No webhook is registered.', caption: 'Webhooks, newest first', what: 'What', state: 'State', delivered: 'Delivered up to', failing: (n: string) => `failing, ${n} attempts since`, next: 'Next attempt', dead: 'Dead letters', enable: 'Go on', disable: 'Stop', secret: 'New secret', remove: 'Remove', secretOf: 'Secret of its signatures',
    types: 'Types (none chosen: all)', severity: 'From severity', allTypes: 'all types', letters: 'Dead letters', resend: 'Send again', resendAll: 'Send all again', noLetters: 'Everything was delivered.', when: 'Given up', item: 'Item', why: 'Why', attempts: 'Attempts', waiting: 'is sent again', removeTitle: 'Remove this webhook?', removeHint: 'Its dead letters go with it.', secretTitle: 'Make a new secret?', secretHint: 'The one before is good for nothing at once.', disableTitle: 'Stop this webhook?', disableHint: 'The feed keeps what comes meanwhile.', enableTitle: 'Go on with this webhook?', dropped: (n: string) => `${n} older ones were dropped.`, show: 'Show', close: 'Close', mayNot: 'Supervisors of a department, and administrators, register webhooks.', number: (n: string) => `no. ${n}`,
  },
  {
    explain: '将部门提醒实时推送至其他系统并签名；24小时内未能送达的保留为死信。', register: '登记推送', url: '地址', urlHint: 'https://…', none: '尚未登记推送。', caption: '推送订阅，最新在前', what: '内容', state: '状态', delivered: '已送达至', failing: n => `推送失败，已尝试 ${n} 次，始于`, next: '下次尝试', dead: '死信', enable: '恢复', disable: '停止', secret: '更换密钥', remove: '删除', secretOf: '签名密钥',
    types: '类型（不选为全部）', severity: '最低等级', allTypes: '全部类型', letters: '死信', resend: '重发', resendAll: '全部重发', noLetters: '全部已送达。', when: '放弃时间', item: '内容', why: '原因', attempts: '尝试次数', waiting: '重发中', removeTitle: '删除该推送？', removeHint: '其死信将一并删除。', secretTitle: '更换密钥？', secretHint: '原密钥立即失效。', disableTitle: '停止该推送？', disableHint: '期间的提醒仍会保留。', enableTitle: '恢复该推送？', dropped: n => `另有 ${n} 条较早的已丢弃。`, show: '查看', close: '收起', mayNot: '部门督导和管理员可登记推送。', number: n => `第 ${n} 条`,
  },
);

type Action = 'enable' | 'disable' | 'secret' | 'remove';
const mayRegister = () => me.value?.role === 'administrator' || me.value?.role === 'supervisor';

/** Webhooks, how far each is, and what could not be delivered. */
export function Webhooks() {
  const all = usePages<Webhook>('/api/webhooks', 10_000);
  const chosen = route.value.query.get('webhook') ?? '';
  const [registering, setRegistering] = useState(false);
  const [asking, setAsking] = useState<{ action: Action; of: Webhook } | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  return (
    <div class="stack">
      <p class="dim">{w('explain')}</p>
      {mayRegister() ? (
        <div class="buttons">
          <button class="main" onClick={() => setRegistering(true)} data-test="register-webhook">
            {w('register')}
          </button>
        </div>
      ) : (
        <p class="dim">{w('mayNot')}</p>
      )}
      {secret && <Once name={w('secretOf')} secret={secret} hide={() => setSecret(null)} />}
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('caption')} head={[w('url'), w('what'), w('state'), w('dead'), '']}>
              {page.items.map(item => (
                <tr key={item.id} class={chosen === item.id ? 'chosen' : ''} data-test="webhook-row">
                  <td>
                    <strong class="code">{item.url}</strong>
                    <div class="dim">
                      {item.by}, <At at={item.created} />
                    </div>
                  </td>
                  <td>
                    {departmentName(item.department)}, {districtOrCity(item.district)}
                    <div class="dim">
                      {w('severity')} {severityName(item.minSeverity)} · {item.types.map(codeName).join(', ') || w('allTypes')}
                    </div>
                  </td>
                  <td>
                    <span class={item.state === 'active' ? (item.failing ? 'late' : 'good') : 'soon'}>{codeName(item.state)}</span>
                    <div class="dim">
                      {w('delivered')} {w('number', count(item.through))}
                    </div>
                    {item.failing && (
                      <div class="late">
                        {w('failing', count(item.failing.attempts))} <Age at={item.failing.since} />: {item.failing.reason}. {w('next')}: <Deadline at={item.failing.next} />
                      </div>
                    )}
                    {item.reason && <div>{item.reason}</div>}
                  </td>
                  <td>
                    <span class={item.deadLetters > 0 ? 'late' : ''}>{count(item.deadLetters)}</span>{' '}
                    <button aria-expanded={chosen === item.id} onClick={() => setQuery({ webhook: chosen === item.id ? null : item.id })}>
                      {chosen === item.id ? w('close') : w('show')}
                    </button>
                  </td>
                  <td>
                    {mayRegister() && (
                      <div class="row-buttons">
                        <button onClick={() => setAsking({ action: item.state === 'active' ? 'disable' : 'enable', of: item })}>{item.state === 'active' ? w('disable') : w('enable')}</button>
                        <button onClick={() => setAsking({ action: 'secret', of: item })}>{w('secret')}</button>
                        <button onClick={() => setAsking({ action: 'remove', of: item })}>{w('remove')}</button>
                      </div>
                    )}
                  </td>
                </tr>
              ))}
            </Table>
            <More of={all} />
          </>
        )}
      </Shown>
      {chosen && <Letters key={chosen} of={chosen} hook={all.value?.items.find(item => item.id === chosen)} changed={all.reload} />}
      {registering && (
        <Form
          close={() => setRegistering(false)}
          done={made => {
            setSecret(made);
            all.reload();
          }}
        />
      )}
      {asking && (
        <Dialog
          title={w(`${asking.action}Title`)}
          actName={w(asking.action)}
          danger={asking.action === 'remove'}
          close={() => setAsking(null)}
          act={async () => {
            const path = `/api/webhooks/${part(asking.of.id)}`;
            if (asking.action === 'remove') await send('DELETE', path);
            else {
              const answer = await post<{ secret?: string } | null>(`${path}/${asking.action}`);
              if (answer?.secret) setSecret(answer.secret);
            }
            all.reload();
          }}
        >
          <p class="code">{asking.of.url}</p>
          {asking.action !== 'enable' && <p>{w(`${asking.action}Hint`)}</p>}
        </Dialog>
      )}
    </div>
  );
}

function Letters({ of, hook, changed }: { of: string; hook?: Webhook; changed: () => void }) {
  const path = `/api/webhooks/${part(of)}/dead-letters`;
  const all = usePages<DeadLetter>(path, 10_000, 50);
  const [error, setError] = useState('');
  const resend = (number?: number) =>
    post(number === undefined ? `${path}/resend` : `${path}/${number}/resend`).then(
      () => {
        setError('');
        changed();
        all.reload();
      },
      refused => setError(reason(refused)),
    );
  return (
    <Panel title={w('letters')} actions={mayRegister() && !!all.value?.items.length && <button onClick={() => void resend()} data-test="resend-all">{w('resendAll')}</button>}>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <Shown of={all} empty={page => (page.items.length ? null : w('noLetters'))}>
        {page => (
          <>
            <Table caption={w('letters')} head={[w('when'), w('item'), w('why'), w('attempts'), '']}>
              {page.items.map(letter => (
                <tr key={letter.number} data-test="dead-letter">
                  <td>
                    <At at={letter.at} />
                  </td>
                  <td>
                    <Severity of={letter.item.severity} /> {kindName(letter.item.kind)} {letter.item.subject}
                    <div class="dim">
                      {codeName(letter.item.type)} · <a href={casePath(letter.item.case)}>{letter.item.case}</a> · {w('number', count(letter.number))}
                    </div>
                  </td>
                  <td>{letter.reason}</td>
                  <td>{count(letter.attempts)}</td>
                  <td>{hook?.resend.includes(letter.number) ? <span class="soon">{w('waiting')}</span> : mayRegister() && <button onClick={() => void resend(letter.number)}>{w('resend')}</button>}</td>
                </tr>
              ))}
            </Table>
            {!!hook?.deadLettersDropped && <p class="dim">{w('dropped', count(hook.deadLettersDropped))}</p>}
            <More of={all} />
          </>
        )}
      </Shown>
    </Panel>
  );
}

function Form({ close, done }: { close: () => void; done: (secret: string) => void }) {
  const [url, setUrl] = useState('');
  const [department, setDepartment] = useState(me.value?.department ?? '');
  const [district, setDistrict] = useState(me.value?.district ?? '*');
  const [types, setTypes] = useState<string[]>([]);
  const [minSeverity, setMinSeverity] = useState(1);
  const [key] = useState(() => crypto.randomUUID?.() ?? String(Math.random()));
  const act = async () => done((await post<{ secret: string }>('/api/webhooks', { url: url.trim(), department, district, types, minSeverity, key })).secret);
  return (
    <Dialog title={w('register')} act={act} actName={w('register')} close={close}>
      <Field name={w('url')}>
        <input type="url" required value={url} placeholder={w('urlHint')} onInput={event => setUrl(event.currentTarget.value)} data-test="webhook-url" />
      </Field>
      <DepartmentField required value={department} set={setDepartment} />
      <DistrictField value={district} set={setDistrict} />
      <Field name={w('severity')}>
        <select value={minSeverity} onChange={event => setMinSeverity(Number(event.currentTarget.value))}>
          {[1, 2, 3, 4].map(severity => (
            <option key={severity} value={severity}>
              {severityName(severity)}
            </option>
          ))}
        </select>
      </Field>
      <p class="dim">{w('types')}</p>
      <div class="checks">
        {alertTypes.map(type => (
          <label key={type}>
            <input type="checkbox" checked={types.includes(type)} onChange={() => setTypes(types.includes(type) ? types.filter(each => each !== type) : [...types, type])} /> {codeName(type)}
          </label>
        ))}
      </div>
    </Dialog>
  );
}

