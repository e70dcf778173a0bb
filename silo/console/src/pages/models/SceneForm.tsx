import { useState } from 'preact/hooks';
import { get, part, send } from '../../api/client';
import { departmentName, districtName, me, rulebook } from '../../app/session';
import { go } from '../../app/router';
import { ownDistricts } from '../../parts/districts';
import { Field } from '../../parts/dialog';
import { reason, Shown, useLoad } from '../../parts/load';
import { kindName, say, severityName, words } from '../../words/language';
import { events, type Row, type Rule, sceneDays, subjectKind } from './scene';

const w = words(
  {
    back: 'Back', draft: 'Draft a scene', edit: 'Edit a scene', id: 'Id', idHint: 'Small letters, digits and hyphens, as street-stall-thrice. It stays for ever.', en: 'Name in English', zh: 'Name in Chinese', department: 'Department', districts: 'Districts (none chosen: the whole city)', subjects: 'About', events: 'What the cameras see', times: 'How often', within: 'Within, minutes', sure: 'Camera at least so sure, %', camera: 'All by one and the same camera',
    fromHour: 'From, o’clock', toHour: 'To, o’clock', toHint: 'Before “from”: of the next morning.', days: 'On', severity: 'Severity', clear: 'Clears after quiet, minutes', clearHint: '0: only when its case closes.', lead: 'Who leads', co: 'Who works beside', workflow: 'Workflow', late: 'Open a case also where the events came late', save: 'Save', revision: 'It becomes a new revision, which has to be back-tested and approved again. What is in force stays until then.', where: 'Where and what', when: 'When it is a warning', route: 'Where it goes',
  },
  {
    back: '返回', draft: '起草场景', edit: '编辑场景', id: '编号', idHint: '小写字母、数字和连字符，如 street-stall-thrice；编号不可更改。', en: '英文名称', zh: '中文名称', department: '部门', districts: '区域（不选为全市）', subjects: '对象', events: '摄像头事件', times: '次数', within: '时间范围（分钟）', sure: '最低置信度（%）', camera: '须为同一摄像头',
    fromHour: '起始（点）', toHour: '截止（点）', toHint: '早于起始则为次日凌晨。', days: '适用日', severity: '等级', clear: '无事件多久后解除（分钟）', clearHint: '0：随案件办结解除。', lead: '主办部门', co: '协办部门', workflow: '流程', late: '事件迟到时也立案', save: '保存', revision: '将生成新修订，须重新回测和审批；已生效版本在此之前不变。', where: '范围与对象', when: '预警条件', route: '派单',
  },
);

const blank = (): Rule => ({
  id: '', name: { en: '', zh: '' }, department: me.value?.department ?? rulebook.value.departments[0]?.id ?? '', districts: me.value && me.value.district !== '*' ? [me.value.district] : [], subjects: ['place'],
  thresholds: { events: ['street-stall'], minimumPermille: 600, times: 3, withinMinutes: 120, sameCamera: false, fromHour: 0, toHour: 24, days: 'every', severity: 1, clearAfterMinutes: 0 },
  route: { lead: me.value?.department ?? rulebook.value.departments[0]?.id ?? '', coHandlers: [], workflow: rulebook.value.workflows.at(-1)?.id ?? 'simple', opensWhenLate: false },
});

/** Drafts a scene, or gives one another wording. */
export function SceneForm({ id }: { id: string | null }) {
  const path = `/api/scenes/${part(id ?? '')}`;
  const loaded = useLoad(id ? path : null, signal => get<Row>(path, signal));
  const home = id ? `/models?tab=scenes&scene=${part(id)}` : '/models?tab=scenes';
  return (
    <>
      <p>
        <a href={home}>← {w('back')}</a>
      </p>
      <h2>{id ? w('edit') : w('draft')}</h2>
      {id ? <Shown of={loaded}>{row => <Form key={row.version} rule={row.scene} version={row.version} home={home} />}</Shown> : <Form rule={blank()} home={home} />}
    </>
  );
}

function Form({ rule: first, version, home }: { rule: Rule; version?: number; home: string }) {
  const [rule, setRule] = useState(first);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const { thresholds, route } = rule;
  const set = (more: Partial<Rule>) => setRule({ ...rule, ...more });
  const when = (more: Partial<Rule['thresholds']>) => set({ thresholds: { ...thresholds, ...more } });
  const goes = (more: Partial<Rule['route']>) => set({ route: { ...route, ...more } });
  const toggle = (list: string[], item: string) => (list.includes(item) ? list.filter(each => each !== item) : [...list, item]);
  const number = (value: number, min: number, max: number, change: (value: number) => void) => <input type="number" required min={min} max={max} value={value} onInput={event => change(Number(event.currentTarget.value))} />;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      // The revision and the approval are the server's to say.
      const { revision: _revision, approvedBy: _by, ...said } = rule as Rule & { approvedMs?: number };
      delete (said as { approvedMs?: number }).approvedMs;
      const row = await (version === undefined ? send<Row>('POST', '/api/scenes', said) : send<Row>('PUT', `/api/scenes/${part(rule.id)}`, said, { ifMatch: `"${version}"` }));
      go(version === undefined ? `/models?tab=scenes&scene=${part(row.id)}` : home);
    } catch (refused) {
      setError(reason(refused));
      setBusy(false);
    }
  };
  return (
    <form class="panel" onSubmit={submit}>
      {version !== undefined && <p class="dim">{w('revision')}</p>}
      <div class="scene-form">
        <fieldset>
          <legend>{w('where')}</legend>
          <Field name={w('id')} hint={w('idHint')}>
            <input required pattern="[a-z0-9][a-z0-9\-]*" disabled={version !== undefined} value={rule.id} onInput={event => set({ id: event.currentTarget.value })} data-test="scene-id" />
          </Field>
          <Field name={w('en')}>
            <input required value={rule.name.en} onInput={event => set({ name: { ...rule.name, en: event.currentTarget.value } })} data-test="scene-en" />
          </Field>
          <Field name={w('zh')}>
            <input required value={rule.name.zh} onInput={event => set({ name: { ...rule.name, zh: event.currentTarget.value } })} data-test="scene-zh" />
          </Field>
          <Field name={w('department')}>
            <Departments value={rule.department} change={department => set({ department })} own />
          </Field>
          <p class="dim">{w('districts')}</p>
          <div class="checks">
            {ownDistricts().map(item => (
              <label key={item.id}>
                <input type="checkbox" checked={rule.districts.includes(item.id)} onChange={() => set({ districts: toggle(rule.districts, item.id) })} /> {districtName(item.id)}
              </label>
            ))}
          </div>
          <p class="dim">{w('subjects')}</p>
          <div class="checks">
            {['place', 'enterprise'].map(kind => (
              <label key={kind}>
                <input type="checkbox" checked={rule.subjects.includes(kind)} onChange={() => set({ subjects: toggle(rule.subjects, kind) })} /> {subjectKind(kind)}
              </label>
            ))}
          </div>
        </fieldset>
        <fieldset>
          <legend>{w('when')}</legend>
          <p class="dim">{w('events')}</p>
          <div class="checks">
            {events.map(event => (
              <label key={event}>
                <input type="checkbox" checked={thresholds.events.includes(event)} onChange={() => when({ events: toggle(thresholds.events, event) })} /> {kindName(event)}
              </label>
            ))}
          </div>
          <Field name={w('times')}>{number(thresholds.times, 1, 100, times => when({ times }))}</Field>
          <Field name={w('within')}>{number(thresholds.withinMinutes, 1, 100_000, withinMinutes => when({ withinMinutes }))}</Field>
          <Field name={w('sure')}>{number(thresholds.minimumPermille / 10, 0, 100, value => when({ minimumPermille: Math.round(value * 10) }))}</Field>
          <Field name={w('fromHour')}>{number(thresholds.fromHour, 0, 23, fromHour => when({ fromHour }))}</Field>
          <Field name={w('toHour')} hint={w('toHint')}>
            {number(thresholds.toHour, 1, 24, toHour => when({ toHour }))}
          </Field>
          <Field name={w('days')}>
            <select value={thresholds.days} onChange={event => when({ days: event.currentTarget.value })}>
              {['every', 'working', 'off'].map(id => (
                <option key={id} value={id}>
                  {sceneDays(id)}
                </option>
              ))}
            </select>
          </Field>
          <div class="checks">
            <label>
              <input type="checkbox" checked={thresholds.sameCamera} onChange={event => when({ sameCamera: event.currentTarget.checked })} /> {w('camera')}
            </label>
          </div>
        </fieldset>
        <fieldset>
          <legend>{w('route')}</legend>
          <Field name={w('severity')}>
            <select value={thresholds.severity} onChange={event => when({ severity: Number(event.currentTarget.value) })}>
              {[1, 2, 3, 4].map(severity => (
                <option key={severity} value={severity}>
                  {severityName(severity)}
                </option>
              ))}
            </select>
          </Field>
          <Field name={w('clear')} hint={w('clearHint')}>
            {number(thresholds.clearAfterMinutes, 0, 100_000, clearAfterMinutes => when({ clearAfterMinutes }))}
          </Field>
          <Field name={w('lead')}>
            <Departments value={route.lead} change={lead => goes({ lead })} />
          </Field>
          <p class="dim">{w('co')}</p>
          <div class="checks">
            {rulebook.value.departments
              .filter(item => item.id !== route.lead)
              .map(item => (
                <label key={item.id}>
                  <input type="checkbox" checked={route.coHandlers.includes(item.id)} onChange={() => goes({ coHandlers: toggle(route.coHandlers, item.id) })} /> {departmentName(item.id)}
                </label>
              ))}
          </div>
          <Field name={w('workflow')}>
            <select value={route.workflow} onChange={event => goes({ workflow: event.currentTarget.value })}>
              {rulebook.value.workflows.map(item => (
                <option key={item.id} value={item.id}>
                  {say(item.name)}
                </option>
              ))}
            </select>
          </Field>
          <div class="checks">
            <label>
              <input type="checkbox" checked={route.opensWhenLate} onChange={event => goes({ opensWhenLate: event.currentTarget.checked })} /> {w('late')}
            </label>
          </div>
        </fieldset>
      </div>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="buttons">
        <button class="main" disabled={busy} data-test="save-scene">
          {w('save')}
        </button>
      </div>
    </form>
  );
}

function Departments({ value, change, own }: { value: string; change: (id: string) => void; own?: boolean }) {
  const choices = own && me.value?.role !== 'administrator' && me.value?.department ? rulebook.value.departments.filter(item => item.id === me.value!.department) : rulebook.value.departments;
  return (
    <select value={value} onChange={event => change(event.currentTarget.value)}>
      {choices.map(item => (
        <option key={item.id} value={item.id}>
          {departmentName(item.id)}
        </option>
      ))}
    </select>
  );
}
