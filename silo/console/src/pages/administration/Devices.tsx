import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import { get, part, post, query } from '../../api/client';
import { departmentName, districtName, may, rulebook } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { DistrictOptions } from '../../parts/districts';
import { Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { Once } from '../../parts/once';
import { More, usePages } from '../../parts/pages';
import { words } from '../../words/language';
import { registerName } from '../../words/registers';
import { Connections } from '../sources/Connections';
import { expectation, type Expectation, sourceKindName, sourceKinds } from '../sources/names';
import { DepartmentField, DistrictField } from './Where';
import '../sources/sources.css';

interface Device {
  id: string;
  kind: string;
  topics: string[];
  district: string;
  owner?: string;
  enterprise?: string;
  place?: string;
  latitude?: number;
  longitude?: number;
  accuracyPct?: number;
  accuracyClass?: string;
  certificate?: string;
  readingsPerSecond?: number;
  bytesPerSecond?: number;
  payloadBytes?: number;
  receives?: string[];
  register?: string;
  mapping?: unknown;
  expected?: Expectation;
  joined?: boolean;
  disabled?: boolean;
}

const w = words(
  {
    register: 'Register a device', edit: 'Change', kind: 'Kind', all: 'All', district: 'District', device: 'Device', owner: 'Owner', topics: 'May publish on', expected: 'Expected', none: 'No device is registered with these filters.', caption: 'Registered devices, newest first', disabled: 'disabled', disable: 'Disable', enable: 'Enable', connections: 'Connections', close: 'Close',
    id: 'Id', idHint: 'As it signs in over MQTT: letters, digits, hyphens, points.', topicsHint: 'One a line, as v1/wim/S07/+. It publishes nowhere else.', password: 'Secret', passwordHint: 'Empty: one is made, of 256 bits, and shown once.', certificate: 'Certificate’s SHA-256, instead of a secret', enterprise: 'Enterprise', place: 'Place', latitude: 'Latitude, °', longitude: 'Longitude, °', accuracy: 'Accuracy, ± % of the gross mass',
    accuracyClass: 'Accuracy class, by its standard', registerField: 'Register it speaks for', perMinute: 'Expected, readings a minute', perDay: 'or readings a day', silent: 'Silent after, s', joined: 'It is told what others say of its entries', replaces: 'This replaces the registration; leave the secret empty and a new one is made: the old one is good for nothing then.', secretOf: (id: string) => `Secret of ${id}`, noSecret: (id: string) => `${id} is registered.`, more: 'More',
    disableTitle: (id: string) => `Disable ${id}?`, enableTitle: (id: string) => `Let ${id} in again?`, disableHint: 'It is cut off at once and kept out. What it would have sent meanwhile is lost.', readingsPerSecond: 'At most readings/s', bytesPerSecond: 'At most bytes/s', no: 'none',
  },
  {
    register: '登记设备', edit: '修改', kind: '类型', all: '全部', district: '区域', device: '设备', owner: '责任部门', topics: '可发布主题', expected: '应报量', none: '没有符合条件的设备。', caption: '已登记设备，最新在前', disabled: '已停用', disable: '停用', enable: '启用', connections: '连接', close: '收起',
    id: '编号', idHint: 'MQTT登录名：字母、数字、连字符、点。', topicsHint: '每行一个，如 v1/wim/S07/+；不能发布到其他主题。', password: '密钥', passwordHint: '留空则生成256位密钥，仅显示一次。', certificate: '证书SHA-256（代替密钥）', enterprise: '企业', place: '地点', latitude: '纬度（°）', longitude: '经度（°）', accuracy: '准确度（总质量 ±%）',
    accuracyClass: '准确度等级（按标准）', registerField: '所属登记簿', perMinute: '应报量（条/分钟）', perDay: '或（条/天）', silent: '失联判定（秒）', joined: '接收其他来源对其条目的反馈', replaces: '将替换原登记；密钥留空会生成新密钥，原密钥立即失效。', secretOf: id => `${id} 的密钥`, noSecret: id => `${id} 已登记。`, more: '更多',
    disableTitle: id => `停用 ${id}？`, enableTitle: id => `重新启用 ${id}？`, disableHint: '立即断开并禁止接入，期间的数据将丢失。', readingsPerSecond: '速率上限（条/秒）', bytesPerSecond: '流量上限（字节/秒）', no: '无',
  },
);

/** Registered devices: who may send what. */
export function Devices() {
  const asked = route.value.query;
  const kind = asked.get('kind') ?? '';
  const district = asked.get('district') ?? '';
  const chosen = asked.get('device') ?? '';
  const all = usePages<Device>(`/api/devices${query({ kind, district })}`, 30_000, 50);
  const [form, setForm] = useState<Partial<Device> | null>(null);
  const [turning, setTurning] = useState<Device | null>(null);
  const [secret, setSecret] = useState<{ id: string; password?: string } | null>(null);
  return (
    <div class="stack">
      <div class="filters">
        <label class="field">
          <span>{w('kind')}</span>
          <select value={kind} onChange={event => setQuery({ kind: event.currentTarget.value })}>
            <option value="">{w('all')}</option>
            {sourceKinds.map(id => (
              <option key={id} value={id}>
                {sourceKindName(id)}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          <span>{w('district')}</span>
          <select value={district} onChange={event => setQuery({ district: event.currentTarget.value })}>
            <option value="">{w('all')}</option>
            <DistrictOptions />
          </select>
        </label>
        {may.value.administer && (
          <button class="main" onClick={() => setForm({})} data-test="register-device">
            {w('register')}
          </button>
        )}
      </div>
      {secret && (secret.password ? <Once name={w('secretOf', secret.id)} secret={secret.password} hide={() => setSecret(null)} /> : <p role="status" class="good">{w('noSecret', secret.id)}</p>)}
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('caption')} head={[w('device'), w('district'), w('owner'), w('topics'), w('expected'), '']}>
              {page.items.map(item => (
                <Fragment key={item.id}>
                  <tr class={chosen === item.id ? 'chosen' : ''} data-test="device-row">
                    <td>
                      <a href={`/sources/${part(item.id)}`}>
                        <strong>{item.id}</strong>
                      </a>
                      <div class="dim">{sourceKindName(item.kind)}</div>
                      {item.disabled && <div class="late">× {w('disabled')}</div>}
                    </td>
                    <td>{districtName(item.district)}</td>
                    <td>{item.owner ? departmentName(item.owner) : <span class="dim">{w('no')}</span>}</td>
                    <td class="code">{item.topics.join(', ')}</td>
                    <td>{expectation(item.expected) || <span class="dim">{w('no')}</span>}</td>
                    <td>
                      <div class="row-buttons">
                        <button aria-expanded={chosen === item.id} onClick={() => setQuery({ device: chosen === item.id ? null : item.id })}>
                          {chosen === item.id ? w('close') : w('connections')}
                        </button>
                        {may.value.administer && (
                          <>
                            <button onClick={() => setForm(item)}>{w('edit')}</button>
                            <button onClick={() => setTurning(item)} data-test="disable-device">
                              {item.disabled ? w('enable') : w('disable')}
                            </button>
                          </>
                        )}
                      </div>
                    </td>
                  </tr>
                  {chosen === item.id && (
                    <tr>
                      <td colSpan={6}>
                        <Connections path={`/api/devices/${part(item.id)}/connections`} />
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
      {form && (
        <Form
          of={form}
          close={() => setForm(null)}
          done={made => {
            setSecret(made);
            all.reload();
          }}
        />
      )}
      {turning && (
        <Dialog
          title={turning.disabled ? w('enableTitle', turning.id) : w('disableTitle', turning.id)}
          actName={turning.disabled ? w('enable') : w('disable')}
          danger={!turning.disabled}
          close={() => setTurning(null)}
          act={async () => {
            await post(`/api/devices/${part(turning.id)}/${turning.disabled ? 'enable' : 'disable'}`);
            all.reload();
          }}
        >
          {!turning.disabled && <p>{w('disableHint')}</p>}
        </Dialog>
      )}
    </div>
  );
}

function Form({ of, close, done }: { of: Partial<Device>; close: () => void; done: (made: { id: string; password?: string }) => void }) {
  const edits = of.id !== undefined;
  const [device, setDevice] = useState<Partial<Device>>({ kind: 'wim', district: rulebook.value.districts[0]?.id, ...of });
  const [topics, setTopics] = useState((of.topics ?? []).join('\n'));
  const [password, setPassword] = useState('');
  const registers = useLoad('registers', signal => get<{ items: { register: string }[] }>('/api/registers', signal));
  const set = (more: Partial<Device>) => setDevice({ ...device, ...more });
  const number = (name: keyof Device, label: string, step = 'any') => (
    <Field name={label}>
      <input type="number" step={step} value={(device[name] as number | undefined) ?? ''} onInput={event => set({ [name]: event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value) })} />
    </Field>
  );
  const text = (name: keyof Device, label: string) => (
    <Field name={label}>
      <input value={(device[name] as string | undefined) ?? ''} onInput={event => set({ [name]: event.currentTarget.value || undefined })} />
    </Field>
  );
  const expects = (name: keyof Expectation, label: string) => (
    <Field name={label}>
      <input
        type="number"
        min="1"
        value={device.expected?.[name] ?? ''}
        onInput={event => {
          const expected = { ...device.expected, [name]: event.currentTarget.value === '' ? undefined : Number(event.currentTarget.value) };
          set({ expected: Object.values(expected).some(value => value !== undefined) ? expected : undefined });
        }}
      />
    </Field>
  );
  const act = async () => {
    const { disabled: _disabled, ...registration } = device;
    done(await post<{ id: string; password?: string }>('/api/devices', { ...registration, topics: topics.split(/\s+/).filter(Boolean), password: password || undefined }));
  };
  return (
    <Dialog title={edits ? `${w('edit')}: ${of.id}` : w('register')} act={act} actName={edits ? w('edit') : w('register')} close={close}>
      {edits && <p class="soon">{w('replaces')}</p>}
      <div class="two">
        <Field name={w('id')} hint={w('idHint')}>
          <input required disabled={edits} value={device.id ?? ''} onInput={event => set({ id: event.currentTarget.value })} data-test="device-id" />
        </Field>
        <Field name={w('kind')}>
          <select value={device.kind} onChange={event => set({ kind: event.currentTarget.value })} data-test="device-kind">
            {[...new Set([...sourceKinds, device.kind!])].map(id => (
              <option key={id} value={id}>
                {sourceKindName(id)}
              </option>
            ))}
          </select>
        </Field>
        <DistrictField value={device.district ?? ''} set={district => set({ district })} city={false} />
        <DepartmentField name={w('owner')} value={device.owner ?? ''} set={owner => set({ owner: owner || undefined })} />
      </div>
      <Field name={w('topics')} hint={w('topicsHint')}>
        <textarea required class="code" style={{ minHeight: '4rem' }} value={topics} onInput={event => setTopics(event.currentTarget.value)} data-test="device-topics" />
      </Field>
      <div class="two">
        {expects('perMinute', w('perMinute'))}
        {expects('perDay', w('perDay'))}
        {expects('silentAfterS', w('silent'))}
        <Field name={w('registerField')}>
          <select value={device.register ?? ''} onChange={event => set({ register: event.currentTarget.value || undefined })}>
            <option value="">{w('no')}</option>
            {registers.value?.items.map(item => (
              <option key={item.register} value={item.register}>
                {registerName(item.register)}
              </option>
            ))}
          </select>
        </Field>
      </div>
      <details>
        <summary>{w('more')}</summary>
        <div class="two">
          <Field name={w('password')} hint={w('passwordHint')}>
            <input type="password" autoComplete="new-password" value={password} onInput={event => setPassword(event.currentTarget.value)} />
          </Field>
          {text('certificate', w('certificate'))}
          {number('latitude', w('latitude'))}
          {number('longitude', w('longitude'))}
          {text('enterprise', w('enterprise'))}
          {text('place', w('place'))}
          {number('accuracyPct', w('accuracy'))}
          {text('accuracyClass', w('accuracyClass'))}
          {number('readingsPerSecond', w('readingsPerSecond'), '1')}
          {number('bytesPerSecond', w('bytesPerSecond'), '1')}
        </div>
        {device.register && (
          <Field name={w('joined')}>
            <input type="checkbox" checked={device.joined ?? false} onChange={event => set({ joined: event.currentTarget.checked || undefined })} />
          </Field>
        )}
      </details>
    </Dialog>
  );
}
