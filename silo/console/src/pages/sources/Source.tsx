import { useState } from 'preact/hooks';
import { get, part, post, query } from '../../api/client';
import type { Warning } from '../../api/types';
import { departmentName, districtName, may } from '../../app/session';
import { casePath } from '../../app/router';
import { Age, At, Facts, Panel, Severity, Table } from '../../parts/bits';
import { Bars, Share, shortDay } from '../../parts/bars';
import { Dialog } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { Why, withWhy } from '../../parts/why';
import { clock, count, day, hourMinute, kindName, percent, say, span, words } from '../../words/language';
import { registerName } from '../../words/registers';
import { codeName } from '../administration/names';
import { Connections } from './Connections';
import { Happenings } from './Happenings';
import { Joined } from './Joined';
import { expectation, type Expectation, formatName, Health, readings, rejectName, sourceKindName } from './names';
import { maySilence, SilenceDialog, Silences } from './Silences';

interface Volume {
  from: string;
  accepted: number;
  rejected: number;
}

interface Described {
  id: string;
  kind: string;
  owner?: string;
  district: string;
  state: string;
  lastSeen?: string;
  silentSince?: string;
  online?: boolean;
  statusAt?: string;
  joined?: boolean;
  sends?: { topics: string[]; formats: { topic: string; format: string }[]; register?: string; fields?: { name: string; en: string; zh: string }[] };
  expected?: Expectation;
  volume?: { since: string; publishes: number; accepted: number; last24Hours: { from: string; accepted: number; rejected: number; expected?: number; permille?: number }; hours: Volume[]; days: Volume[] };
  timeliness?: { within1S: number; within10S: number; within1Min: number; within10Min: number; within1H: number; later: number };
  accuracy?: { rejected: number; rejectedPermille?: number; rejectedBy: Record<string, number>; unidentified: number; differing?: number };
  consumers?: { cited: Use[]; lookUps: { since: string; days: Use[] }; listening: number };
}

interface Use {
  day: string;
  consumer: string;
  uses: number;
}

const w = words(
  {
    back: 'All sources', silence: 'Silence its warnings', disable: 'Disable', enable: 'Enable', disableTitle: (id: string) => `Disable ${id}?`, disableHint: 'It is cut off at once and kept out until somebody enables it. What it would have sent meanwhile is lost.', enableTitle: (id: string) => `Let ${id} in again?`,
    about: 'About it', owner: 'Owner', district: 'District', heard: 'Last heard', silentSince: 'Silent since', online: 'Says of itself', onlineYes: 'online', onlineNo: 'offline', expected: 'Expected', silentAfter: 'Silent after', sends: 'Sends', topics: 'On the topics', register: 'Register', noExpectation: 'nothing registered',
    volume: 'Volume', accepted: 'taken', rejected: 'refused', perHour: 'Readings an hour', perDay: 'Readings a day', last24: 'Last 24 h', measured: 'Measured since', since: 'since it was registered', table: 'As a table', ofExpected: (share: string, n: string) => `${share} of ${n} expected`,
    timeliness: 'Timeliness', arrived: 'Arrived after its own time', s1: 'within 1 s', s10: 'within 10 s', m1: 'within 1 min', m10: 'within 10 min', h1: 'within 1 h', later: 'later', share: 'Share', number: 'Readings',
    accuracy: 'Accuracy', noneRefused: 'Nothing was refused.', unidentified: 'Without a plate that can be read', differing: 'Entries that other sources contradict', entries: 'entries', quarantine: 'To what is in quarantine',
    users: 'Who uses it', consumer: 'Used by', uses: 'Times', day: 'Day', noUsers: 'Nobody used it yet.', listening: (n: string) => `${n} readers listen to its way back now.`, warnings: 'Open warnings about it', noWarnings: 'None: nothing is amiss with it.', case: 'Case', silences: 'Silences', cases: 'Cases', theWarnings: 'Warnings', models: 'Models',
  },
  {
    back: '全部数据源', silence: '静默其预警', disable: '停用', enable: '启用', disableTitle: id => `停用 ${id}？`, disableHint: '立即断开并禁止接入，直至重新启用；期间的数据将丢失。', enableTitle: id => `重新启用 ${id}？`,
    about: '基本情况', owner: '责任部门', district: '区域', heard: '最近上报', silentSince: '失联起始', online: '自报状态', onlineYes: '在线', onlineNo: '离线', expected: '应报量', silentAfter: '失联判定', sends: '上报内容', topics: '上报主题', register: '登记簿', noExpectation: '未登记',
    volume: '数据量', accepted: '已接收', rejected: '已拒收', perHour: '每小时读数', perDay: '每日读数', last24: '近24小时', measured: '统计起始', since: '自登记以来', table: '以表格显示', ofExpected: (share, n) => `应报 ${n}，完成 ${share}`,
    timeliness: '及时性', arrived: '自采集到到达', s1: '1秒内', s10: '10秒内', m1: '1分钟内', m10: '10分钟内', h1: '1小时内', later: '更晚', share: '占比', number: '读数',
    accuracy: '准确性', noneRefused: '没有拒收。', unidentified: '号牌无法识别', differing: '与其他来源不一致的条目', entries: '条', quarantine: '查看隔离区',
    users: '使用情况', consumer: '使用方', uses: '次数', day: '日期', noUsers: '尚无使用记录。', listening: n => `当前有 ${n} 个接收方在接收其反馈。`, warnings: '关于该数据源的未消除预警', noWarnings: '无，一切正常。', case: '案件', silences: '静默', cases: '案件', theWarnings: '预警', models: '模型',
  },
);

/** One source: how it is against what is expected of it, who uses it, and what can be done about it. */
export function Source({ id }: { id: string }) {
  const path = `/api/catalogue/${part(id)}`;
  const source = useLoad(path, signal => get<Described>(path, signal), 5_000);
  const [silencing, setSilencing] = useState(false);
  const [turning, setTurning] = useState(false);
  const [silenced, setSilenced] = useState(0);
  const it = source.value;
  const disabled = it?.state === 'disabled';
  return (
    <>
      <p>
        <a href="/sources">← {w('back')}</a>
      </p>
      <div class="source-head">
        <h1>{id}</h1>
        {it && <Health of={it.state} />}
        {it && <span class="dim">{sourceKindName(it.kind)}</span>}
        <span class="grow" />
        {it && maySilence() && (
          <button onClick={() => setSilencing(true)} data-test="silence-source">
            {w('silence')}
          </button>
        )}
        {it && may.value.administer && (
          <button class={disabled ? 'main' : ''} onClick={() => setTurning(true)} data-test="disable-source">
            {disabled ? w('enable') : w('disable')}
          </button>
        )}
      </div>
      <Shown of={source}>
        {item => (
          <div class="stack">
            <div class="grid">
              <About of={item} />
              <Warnings id={id} />
            </div>
            <Amount of={item} />
            <div class="grid">
              <Timely of={item} />
              <Accurate of={item} />
            </div>
            <Connections path={`/api/devices/${part(id)}/connections`} />
            <Panel title={w('silences')}>
              <Silences key={silenced} source={id} />
            </Panel>
            {item.joined && <Joined id={id} />}
            <Users of={item} />
            <Happenings id={id} />
          </div>
        )}
      </Shown>
      {silencing && <SilenceDialog source={id} close={() => setSilencing(false)} done={() => setSilenced(silenced + 1)} />}
      {turning && (
        <Dialog
          title={disabled ? w('enableTitle', id) : w('disableTitle', id)}
          actName={disabled ? w('enable') : w('disable')}
          danger={!disabled}
          close={() => setTurning(false)}
          act={async () => {
            await post(`/api/devices/${part(id)}/${disabled ? 'enable' : 'disable'}`);
            source.reload();
          }}
        >
          {!disabled && <p>{w('disableHint')}</p>}
        </Dialog>
      )}
    </>
  );
}

const About = ({ of }: { of: Described }) => (
  <Panel title={w('about')}>
    <Facts
      of={[
        [w('heard'), of.lastSeen ? <Age at={of.lastSeen} /> : null],
        [w('silentSince'), of.silentSince ? <span class="late"><At at={of.silentSince} /></span> : null],
        [w('online'), of.online === undefined ? null : <span class={of.online ? 'good' : 'late'}>{of.online ? w('onlineYes') : w('onlineNo')}{of.statusAt ? <>, <Age at={of.statusAt} /></> : null}</span>],
        [w('expected'), of.expected ? expectation(of.expected) || '–' : <span class="dim">{w('noExpectation')}</span>],
        [w('silentAfter'), of.expected?.silentAfterS ? span(of.expected.silentAfterS * 1000) : null],
        [w('owner'), of.owner ? departmentName(of.owner) : null],
        [w('district'), districtName(of.district)],
        [w('sends'), of.sends ? [...new Set(of.sends.formats.map(each => formatName(each.format)))].join(', ') : null],
        [w('register'), of.sends?.register && may.value.administer ? <a href={`/administration/registers?register=${part(of.sends.register)}&source=${part(of.id)}`}>{registerName(of.sends.register)}</a> : of.sends?.register && registerName(of.sends.register)],
        [w('topics'), of.sends ? of.sends.topics.join(', ') : null],
      ]}
    />
  </Panel>
);

function Warnings({ id }: { id: string }) {
  const path = withWhy('lists', `/api/warnings${query({ subject: id, open: true, limit: 20 })}`);
  const warnings = useLoad(path, signal => get<{ items: Warning[] }>(path, signal), 60_000);
  return (
    <Panel title={w('warnings')}>
      <Why look="lists" of={warnings}>
        <Shown of={warnings} empty={page => (page.items.length ? null : w('noWarnings'))}>
          {page => (
            <ul class="plain-list">
              {page.items.map(item => (
                <li key={item.id}>
                  <Severity of={item.severity} /> <strong>{kindName(item.kind)}</strong> <Age at={item.since} />
                  {item.case && (
                    <>
                      {' · '}
                      <a href={casePath(item.case)}>{w('case')}</a>
                    </>
                  )}
                  <div class="dim">{say(item.explanation)}</div>
                </li>
              ))}
            </ul>
          )}
        </Shown>
      </Why>
    </Panel>
  );
}

function Amount({ of }: { of: Described }) {
  const volume = of.volume;
  if (!volume) return null;
  const last = volume.last24Hours;
  const series = [
    { name: w('accepted'), tone: 'good' as const },
    { name: w('rejected'), tone: 'late' as const },
  ];
  return (
    <Panel title={w('volume')}>
      <Facts
        of={[
          [w('last24'), <>{readings(last.accepted)}{last.rejected > 0 && <span class="late">, {readings(last.rejected)} {w('rejected')}</span>}</>],
          [w('expected'), last.expected !== undefined && last.permille !== undefined ? <Share of={last.permille / 1000} tone={last.permille < 800 ? 'late' : 'good'}>{w('ofExpected', percent(last.permille / 1000, 0), readings(last.expected))}</Share> : null],
          [w('since'), readings(volume.accepted)],
          [w('measured'), clock(volume.since)],
        ]}
      />
      <div class="grid">
        {volume.hours.length > 0 && <Bars title={w('perHour')} tableName={w('table')} series={series} format={readings} of={volume.hours.map(each => ({ label: hourMinute(each.from), name: clock(each.from), values: [each.accepted, each.rejected] }))} />}
        {volume.days.length > 1 && <Bars title={w('perDay')} tableName={w('table')} series={series} format={readings} of={volume.days.map(each => ({ label: shortDay(each.from.slice(0, 10)), name: day(each.from), values: [each.accepted, each.rejected] }))} />}
      </div>
    </Panel>
  );
}

function Timely({ of }: { of: Described }) {
  const bands = of.timeliness;
  if (!bands) return null;
  const rows: [string, number, boolean][] = [[w('s1'), bands.within1S, true], [w('s10'), bands.within10S, true], [w('m1'), bands.within1Min, true], [w('m10'), bands.within10Min, false], [w('h1'), bands.within1H, false], [w('later'), bands.later, false]];
  const sum = rows.reduce((total, row) => total + row[1], 0) || 1;
  return (
    <Panel title={w('timeliness')}>
      <Table caption={w('timeliness')} head={[w('arrived'), w('share'), w('number')]}>
        {rows.map(([name, value, good]) => (
          <tr key={name}>
            <td>{name}</td>
            <td>
              <Share of={value / sum} tone={good ? 'good' : 'late'}>
                {percent(value / sum)}
              </Share>
            </td>
            <td>{count(value)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}

function Accurate({ of }: { of: Described }) {
  const accuracy = of.accuracy;
  if (!accuracy) return null;
  return (
    <Panel title={w('accuracy')} actions={accuracy.rejected > 0 && may.value.chooseDepartment && <a href={`/sources?tab=quarantine&source=${part(of.id)}`}>{w('quarantine')}</a>}>
      {accuracy.rejected === 0 ? (
        <p class="good">✓ {w('noneRefused')}</p>
      ) : (
        <ul class="plain-list">
          {Object.entries(accuracy.rejectedBy).map(([code, number]) => (
            <li key={code}>
              {rejectName(code)}: <strong>{readings(number)}</strong>
            </li>
          ))}
        </ul>
      )}
      <Facts
        of={[
          [w('rejected'), accuracy.rejectedPermille ? percent(accuracy.rejectedPermille / 1000) : null],
          [w('unidentified'), accuracy.unidentified > 0 ? readings(accuracy.unidentified) : null],
          [w('differing'), accuracy.differing !== undefined ? `${count(accuracy.differing)} ${w('entries')}` : null],
        ]}
      />
    </Panel>
  );
}

/** `department transport`, `role operator`, `warnings`: a sort of user, and which. */
function consumerName(of: string): string {
  const [sort, ...which] = of.split(/[ :]/);
  const name = { cases: w('cases'), warnings: w('theWarnings'), department: '', role: '', models: w('models') }[sort!] ?? codeName(sort!);
  return [name, ...which.map(id => departmentName(codeName(id)))].filter(Boolean).join(' ');
}

function Users({ of }: { of: Described }) {
  if (!of.consumers) return null;
  const uses = [...of.consumers.cited, ...of.consumers.lookUps.days].sort((a, b) => b.day.localeCompare(a.day)).slice(0, 60);
  return (
    <Panel title={w('users')}>
      {uses.length === 0 ? (
        <p class="dim">{w('noUsers')}</p>
      ) : (
        <Table caption={w('users')} head={[w('day'), w('consumer'), w('uses')]}>
          {uses.map((use, i) => (
            <tr key={i}>
              <td>{use.day}</td>
              <td>{consumerName(use.consumer)}</td>
              <td>{count(use.uses)}</td>
            </tr>
          ))}
        </Table>
      )}
      {of.consumers.listening > 0 && <p>{w('listening', count(of.consumers.listening))}</p>}
    </Panel>
  );
}

