import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { part, post } from '../../api/client';
import { departmentName, may } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { At, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown } from '../../parts/load';
import { Once } from '../../parts/once';
import { More, usePages } from '../../parts/pages';
import { words } from '../../words/language';
import { Connections } from '../sources/Connections';
import { codeName, roles } from './names';
import { DepartmentField, DistrictField, districtOrCity } from './Where';

interface Token {
  name: string;
  role: string;
  department?: string;
  district: string;
  publishes?: string[];
  receives?: string[];
  delegation?: { by: string; until: string; reason: string };
}

const w = words(
  {
    issue: 'Issue a token', name: 'Name', nameHint: 'Whose it is. An existing name gets a new token; the one before is good for nothing then.', role: 'Role', department: 'Department', district: 'District', none: 'No token was issued yet: only the first administrator’s is there.', caption: 'Tokens, newest first', tokenOf: (n: string) => `Token of ${n}`, connections: 'Connections', close: 'Close', given: (by: string) => `given by ${by}`, until: 'until', all: 'all departments', renew: 'Renew', publishes: 'May publish', receives: 'May receive', filters: 'Messages between clients, one topic filter a line', more: 'More',
    member: 'does the work of one department', operator: 'sees, decides what comes in', supervisor: 'decides, silences, promotes; sees persons', inspector: 'sees everything, changes nothing', administrator: 'everything, with devices and tokens',
  },
  {
    issue: '签发令牌', name: '名称', nameHint: '使用人。已有名称将换发新令牌，原令牌立即失效。', role: '角色', department: '部门', district: '区域', none: '尚未签发令牌，仅有首个管理员令牌。', caption: '令牌，最新在前', tokenOf: n => `${n} 的令牌`, connections: '连接', close: '收起', given: by => `由 ${by} 授予`, until: '至', all: '全部部门', renew: '换发', publishes: '可发布', receives: '可接收', filters: '客户端间消息的主题，每行一个', more: '更多',
    member: '办理本部门工作', operator: '查看并处理来件', supervisor: '决定、静默、上线；可见人员', inspector: '只看不改', administrator: '全部权限，含设备与令牌',
  },
);

/** Who may use the city's system, and for what. */
export function Tokens() {
  const all = usePages<Token>('/api/tokens', 30_000);
  const chosen = route.value.query.get('token') ?? '';
  const [issuing, setIssuing] = useState<Partial<Token> | null>(null);
  const [secret, setSecret] = useState<{ name: string; token: string } | null>(null);
  return (
    <div class="stack">
      {may.value.administer && (
        <div class="buttons">
          <button class="main" onClick={() => setIssuing({})} data-test="issue-token">
            {w('issue')}
          </button>
        </div>
      )}
      {secret && <Once name={w('tokenOf', secret.name)} secret={secret.token} hide={() => setSecret(null)} />}
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('caption')} head={[w('name'), w('role'), w('department'), w('district'), '']}>
              {page.items.map(item => (
                <Fragment key={item.name}>
                  <tr data-test="token-row">
                    <td>
                      <strong>{item.name}</strong>
                      {item.delegation && (
                        <div class="dim">
                          {w('given', item.delegation.by)} {w('until')} <At at={item.delegation.until} />: {item.delegation.reason}
                        </div>
                      )}
                    </td>
                    <td>{codeName(item.role)}</td>
                    <td>{item.department ? departmentName(item.department) : w('all')}</td>
                    <td>{districtOrCity(item.district)}</td>
                    <td>
                      {may.value.administer && (
                        <div class="row-buttons">
                          <button aria-expanded={chosen === item.name} onClick={() => setQuery({ token: chosen === item.name ? null : item.name })}>
                            {chosen === item.name ? w('close') : w('connections')}
                          </button>
                          {!item.delegation && <button onClick={() => setIssuing(item)}>{w('renew')}</button>}
                        </div>
                      )}
                    </td>
                  </tr>
                  {chosen === item.name && (
                    <tr>
                      <td colSpan={5}>
                        <Connections path={`/api/tokens/${part(item.name)}/connections`} />
                      </td>
                    </tr>
                  )}
                </Fragment>
              ))}
            </Table>
            <More of={all} />
          </>
        )}
      </Shown>
      {issuing && (
        <Issue
          of={issuing}
          close={() => setIssuing(null)}
          done={made => {
            setSecret(made);
            all.reload();
          }}
        />
      )}
    </div>
  );
}

function Issue({ of, close, done }: { of: Partial<Token>; close: () => void; done: (made: { name: string; token: string }) => void }) {
  const [name, setName] = useState(of.name ?? '');
  const [role, setRole] = useState(of.role ?? 'member');
  const [department, setDepartment] = useState(of.department ?? '');
  const [district, setDistrict] = useState(of.district ?? '*');
  const [publishes, setPublishes] = useState((of.publishes ?? []).join('\n'));
  const [receives, setReceives] = useState((of.receives ?? []).join('\n'));
  const lines = (text: string) => (text.trim() ? text.split(/\s+/).filter(Boolean) : undefined);
  const act = async () => done(await post('/api/tokens', { name: name.trim(), role, department: department || undefined, district, publishes: lines(publishes), receives: lines(receives) }));
  return (
    <Dialog title={w('issue')} act={act} actName={w('issue')} close={close}>
      <Field name={w('name')} hint={w('nameHint')}>
        <input required disabled={of.name !== undefined} value={name} onInput={event => setName(event.currentTarget.value)} data-test="token-name" />
      </Field>
      <Field name={w('role')} hint={w(role as 'member')}>
        <select value={role} onChange={event => setRole(event.currentTarget.value)} data-test="token-role">
          {roles.map(id => (
            <option key={id} value={id}>
              {codeName(id)}
            </option>
          ))}
        </select>
      </Field>
      <DepartmentField value={department} set={setDepartment} required={role === 'member'} />
      <DistrictField value={district} set={setDistrict} />
      <details>
        <summary>{w('more')}</summary>
        <Field name={w('publishes')} hint={w('filters')}>
          <textarea class="code" style={{ minHeight: '3rem' }} value={publishes} onInput={event => setPublishes(event.currentTarget.value)} />
        </Field>
        <Field name={w('receives')} hint={w('filters')}>
          <textarea class="code" style={{ minHeight: '3rem' }} value={receives} onInput={event => setReceives(event.currentTarget.value)} />
        </Field>
      </details>
    </Dialog>
  );
}
