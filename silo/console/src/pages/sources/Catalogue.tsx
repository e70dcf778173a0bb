import { useState } from 'preact/hooks';
import { query } from '../../api/client';
import { departmentName, district, districtName, me } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { DepartmentOptions, DistrictOptions } from '../../parts/districts';
import { Age, Table } from '../../parts/bits';
import { Share } from '../../parts/bars';
import { Shown } from '../../parts/load';
import { usePages } from '../../parts/pages';
import { count, percent, words } from '../../words/language';
import { expectation, Health, healthName, healthStates, type Resource, readings, sourceKindName, sourceKinds } from './names';

const w = words(
  {
    source: 'Source', district: 'District', owner: 'Owner', health: 'Health', heard: 'Last heard', volume: 'Volume, 24 h', timely: 'Within 10 s', accuracy: 'Refused', all: 'All', kind: 'Kind', find: 'Name contains',
    ofExpected: (share: string) => `${share} of what is expected`, expects: (text: string) => `expected: ${text}`, none: 'No source fits these filters.', caption: 'Sources with their health, worst first', never: 'never',
    first: (n: string) => `These are the first ${n}; narrow them with the filters.`, more: 'Show more', unknown: 'unidentified',
    asOf: 'What is live, silent or disabled is of this moment; when it was heard, volume, timeliness and accuracy are up to five minutes old.',
  },
  {
    source: '数据源', district: '区域', owner: '责任部门', health: '状态', heard: '最近上报', volume: '24小时数据量', timely: '10秒内到达', accuracy: '拒收率', all: '全部', kind: '类型', find: '名称包含',
    ofExpected: share => `为应报量的 ${share}`, expects: text => `应报：${text}`, none: '没有符合条件的数据源。', caption: '数据源及其状态，异常在前', never: '从未',
    first: n => `仅显示前 ${n} 个，请用筛选条件缩小范围。`, more: '显示更多', unknown: '未识别',
    asOf: '状态为当前；最近上报时间、数据量、及时率、拒收率最多滞后5分钟。',
  },
);

const ROWS = 100;
const READ = 1000;

export function Catalogue() {
  const asked = route.value.query;
  const state = asked.get('state') ?? '';
  const kind = asked.get('kind') ?? '';
  const owner = asked.get('owner') ?? '';
  const text = asked.get('q') ?? '';
  const where = asked.get('district') ?? (district.value === '*' ? '' : district.value);
  const filters = { kind, owner, district: where };
  // All states are read at once, so that the counts above the list are of everything; only where there is more than one page is a state asked for alone.
  const all = usePages<Resource>(`/api/catalogue${query(filters)}`, 15_000, READ);
  const cut = all.value?.more ?? false;
  const one = usePages<Resource>(cut && state ? `/api/catalogue${query({ ...filters, state })}` : null, 15_000, READ);
  const shown = cut && state ? one : all;
  const [most, setMost] = useState(ROWS);
  return (
    <>
      <div class="filters">
        <label class="field">
          <span>{w('find')}</span>
          <input type="search" value={text} onInput={event => setQuery({ q: event.currentTarget.value })} />
        </label>
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
        {me.value?.role !== 'member' && (
          <label class="field">
            <span>{w('owner')}</span>
            <select value={owner} onChange={event => setQuery({ owner: event.currentTarget.value })}>
              <option value="">{w('all')}</option>
              <DepartmentOptions />
            </select>
          </label>
        )}
        <label class="field">
          <span>{w('district')}</span>
          <select value={where} onChange={event => setQuery({ district: event.currentTarget.value })}>
            <option value="">{w('all')}</option>
            <DistrictOptions />
          </select>
        </label>
      </div>
      <Shown of={shown}>
        {page => {
          const counts = Object.fromEntries(healthStates.map(id => [id, (all.value?.items ?? []).filter(item => item.state === id).length]));
          const rows = page.items.filter(item => (!state || item.state === state) && (!text || item.id.toLowerCase().includes(text.trim().toLowerCase()))).sort(worstFirst);
          return (
            <>
              <div class="counts" role="group" aria-label={w('health')}>
                {['', ...healthStates].map(id => (
                  <button key={id} aria-pressed={state === id} onClick={() => setQuery({ state: id })} data-test={`health-${id || 'all'}`}>
                    <span class="figure-value">
                      {count(id ? counts[id]! : (all.value?.items.length ?? 0))}
                      {cut ? '+' : ''}
                    </span>
                    <span class={id ? `health health-${id}` : 'figure-name'}>{id ? healthName(id) : w('all')}</span>
                  </button>
                ))}
              </div>
              {rows.length === 0 ? (
                <p class="state">{w('none')}</p>
              ) : (
                <>
                  <Table caption={w('caption')} head={[w('source'), w('health'), w('heard'), <span class="wide">{w('district')}</span>, w('volume'), w('timely'), w('accuracy')]}>
                    {rows.slice(0, most).map(item => (
                      <Row key={item.id} of={item} />
                    ))}
                  </Table>
                  {rows.length > most && (
                    <p class="buttons">
                      <button onClick={() => setMost(most + ROWS)}>{w('more')}</button>
                    </p>
                  )}
                  {cut && <p class="dim">{w('first', count(page.items.length))}</p>}
                </>
              )}
              <p class="dim">{w('asOf')}</p>
            </>
          );
        }}
      </Shown>
    </>
  );
}

const worstFirst = (a: Resource, b: Resource) => healthStates.indexOf(a.state) - healthStates.indexOf(b.state) || a.id.localeCompare(b.id, 'en', { numeric: true });

function Row({ of }: { of: Resource }) {
  const arrived = of.late.reduce((sum, value) => sum + value, 0);
  const timely = arrived ? ((of.late[0] ?? 0) + (of.late[1] ?? 0)) / arrived : null;
  const told = of.accepted + of.rejected;
  const refused = told ? of.rejected / told : null;
  const full = of.expected24H ? of.accepted24H / of.expected24H : null;
  return (
    <tr data-test="source-row">
      <td>
        <a href={`/sources/${encodeURIComponent(of.id)}`}>
          <strong>{of.id}</strong>
        </a>
        <div class="dim">{sourceKindName(of.kind)}</div>
      </td>
      <td>
        <Health of={of.state} />
      </td>
      <td>{of.lastSeen ? <Age at={of.lastSeen} /> : <span class="dim">{w('never')}</span>}</td>
      <td class="wide">
        {districtName(of.district)}
        {of.owner && <div class="dim">{departmentName(of.owner)}</div>}
      </td>
      <td>
        {readings(of.accepted24H)}
        {full !== null && <div class={full < 0.8 ? 'late' : 'dim'}>{w('ofExpected', percent(full, 0))}</div>}
        {full === null && of.expected && expectation(of.expected) && <div class="dim">{w('expects', expectation(of.expected))}</div>}
      </td>
      <td>{timely === null ? '–' : <Share of={timely} tone={timely < 0.9 ? 'late' : 'good'}>{percent(timely)}</Share>}</td>
      <td>
        {refused === null ? '–' : <span class={refused > 0.01 ? 'late' : ''}>{percent(refused, 2)}</span>}
        {of.unidentified > 0 && (
          <div class="dim">
            {w('unknown')}: {readings(of.unidentified)}
          </div>
        )}
      </td>
    </tr>
  );
}
