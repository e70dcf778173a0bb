import { useState } from 'preact/hooks';
import { get, part, post, send } from '../../api/client';
import { departmentName, me } from '../../app/session';
import { Deadline, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { Once } from '../../parts/once';
import { UntilField, untilTime, useUntil } from '../../parts/until';
import { words } from '../../words/language';
import { codeName } from './names';
import { DistrictField, districtOrCity } from './Where';

interface Row {
  to: string;
  name: string;
  role: string;
  department?: string;
  district: string;
  until: string;
  reason: string;
}

const w = words(
  {
    explain: 'Gives another your rights for a time, as for a holiday or a night: at most your own, and the audit says on whose behalf.', give: 'Give my rights', to: 'To whom', toHint: 'A name: the token is called by yours and theirs.', reason: 'Reason', district: 'District', role: 'Role', until: 'Until', back: 'Take back', backTitle: (n: string) => `Take back what ${n} was given?`, backHint: 'Connections and streams in its name end at once.', none: 'You have given nothing that is in force.', caption: 'Given and in force', tokenOf: (n: string) => `Token ${n}`, administrator: 'An administrator’s rights are not given for a time: issue a token with fewer instead.',
  },
  {
    explain: '将本人权限临时授予他人（如休假、夜班）：不超过本人权限，审计记录代谁操作。', give: '授予我的权限', to: '授予', toHint: '名称：令牌以双方名称命名。', reason: '理由', district: '区域', role: '角色', until: '截止', back: '收回', backTitle: n => `收回授予 ${n} 的权限？`, backHint: '以其名义的连接将立即断开。', none: '没有生效中的授权。', caption: '生效中的授权', tokenOf: n => `令牌 ${n}`, administrator: '管理员权限不可临时授予，请签发权限较小的令牌。',
  },
);

/** What this person gave to others for a time. */
export function Delegations() {
  const all = useLoad('/api/delegations', signal => get<{ items: Row[] }>('/api/delegations', signal), 30_000);
  const [giving, setGiving] = useState(false);
  const [taking, setTaking] = useState<Row | null>(null);
  const [secret, setSecret] = useState<{ name: string; token: string } | null>(null);
  const administrator = me.value?.role === 'administrator';
  return (
    <div class="stack">
      <p class="dim">{w('explain')}</p>
      {administrator ? (
        <p>{w('administrator')}</p>
      ) : (
        <div class="buttons">
          <button class="main" onClick={() => setGiving(true)} data-test="give">
            {w('give')}
          </button>
        </div>
      )}
      {secret && <Once name={w('tokenOf', secret.name)} secret={secret.token} hide={() => setSecret(null)} />}
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <Table caption={w('caption')} head={[w('to'), w('role'), w('district'), w('reason'), w('until'), '']}>
            {page.items.map(item => (
              <tr key={item.name} data-test="delegation-row">
                <td>
                  <strong>{item.to}</strong>
                  <div class="dim">{item.name}</div>
                </td>
                <td>
                  {codeName(item.role)}
                  {item.department && <div class="dim">{departmentName(item.department)}</div>}
                </td>
                <td>{districtOrCity(item.district)}</td>
                <td>{item.reason}</td>
                <td>
                  <Deadline at={item.until} />
                </td>
                <td>
                  <button onClick={() => setTaking(item)}>{w('back')}</button>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Shown>
      {giving && (
        <Give
          close={() => setGiving(false)}
          done={made => {
            setSecret(made);
            all.reload();
          }}
        />
      )}
      {taking && (
        <Dialog
          title={w('backTitle', taking.to)}
          actName={w('back')}
          danger
          close={() => setTaking(null)}
          act={async () => {
            await send('DELETE', `/api/delegations/${part(taking.to)}`);
            all.reload();
          }}
        >
          <p>{w('backHint')}</p>
        </Dialog>
      )}
    </div>
  );
}

function Give({ close, done }: { close: () => void; done: (made: { name: string; token: string }) => void }) {
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const [district, setDistrict] = useState(me.value?.district ?? '*');
  const [until, setUntil] = useUntil(12);
  const act = async () => done(await post('/api/delegations', { to: to.trim(), reason, until: untilTime(until), district }));
  return (
    <Dialog title={w('give')} act={act} actName={w('give')} close={close}>
      <Field name={w('to')} hint={w('toHint')}>
        <input required value={to} onInput={event => setTo(event.currentTarget.value)} />
      </Field>
      <DistrictField value={district} set={setDistrict} />
      <UntilField value={until} set={setUntil} hours={[8, 12, 24, 72, 168]} />
      <Field name={w('reason')}>
        <textarea required value={reason} onInput={event => setReason(event.currentTarget.value)} data-test="reason" />
      </Field>
    </Dialog>
  );
}
