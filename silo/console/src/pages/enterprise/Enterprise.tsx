import { part, query } from '../../api/client';
import type { CaseRow, Page } from '../../api/types';
import { casePath } from '../../app/router';
import { districtName, nowMs, rulebook } from '../../app/session';
import type { PageProps } from '../../main';
import { Age, At, Facts, Panel, Severity } from '../../parts/bits';
import { CaseCards, withCases } from '../../parts/cases';
import { EventCounts } from '../../parts/events';
import { History } from '../../parts/history';
import { useLoad } from '../../parts/load';
import { SubjectFrame, useSubject } from '../../parts/subject';
import { look, reasonOf } from '../../parts/why';
import { OpenWarnings } from '../../parts/warning';
import { count, kg, number, words } from '../../words/language';
import { activities } from './activities';
import { BalanceFlow } from './BalanceFlow';
import { grade } from './hazard';
import { Cameras, Fleet, Permits, useRegister } from './Registered';
import { Shipments } from './Shipments';
import { type EnterpriseState, type EntryRow, held } from './state';
import { Units } from './Units';
import './enterprise.css';

const w = words(
  {
    now: 'State', lastSeen: 'Last heard', district: 'District', address: 'Address', kinds: 'Does with dangerous goods', people: 'People within 500 m', lines: 'Lines of the ledger', permits: 'Permits', tanks: 'Registered tanks', hazard: 'Major hazard', level: (n: string) => `Grade ${n}`, registered: 'registered', judged: 'as judged', noHazard: 'no major hazard', notJudged: 'Nothing was judged that would be a graver hazard than registered.', graver: 'GRAVER THAN REGISTERED',
    stops: 'Ordered to stop production', from: 'since', lifted: 'lifted', waste: 'Waste kept', r: 'R', ratio: 'Σq/Q', uncounted: (n: string) => `${n} substances have no threshold and were not counted`, source: 'By', unknown: 'not registered', code: 'Credit code', events: 'Camera events',
  },
  {
    now: '当前状态', lastSeen: '最近上报', district: '辖区', address: '地址', kinds: '经营类别', people: '500米内常住人口', lines: '台账条数', permits: '许可证', tanks: '登记储罐', hazard: '重大危险源', level: n => `${n}级`, registered: '备案', judged: '研判', noHazard: '不构成重大危险源', notJudged: '未研判出高于备案等级的危险源。', graver: '高于备案等级',
    stops: '责令停产', from: '自', lifted: '已解除', waste: '危废贮存', r: 'R值', ratio: 'Σq/Q', uncounted: n => `${n}种物质无临界量，未计入`, source: '依据', unknown: '未备案', code: '统一社会信用代码', events: '摄像头事件',
  },
);

const KINDS = ['plant', 'ledger', 'video', 'warning', 'case', 'message', 'registered'];
const ROMAN = ['', 'I', 'II', 'III', 'IV'];

function Hazard({ state }: { state: EnterpriseState }) {
  const registered = state.registered?.[state.registered.length - 1];
  const judged = grade(state, rulebook.value.majorHazards, registered?.peopleWithin500M);
  const declared = registered?.majorHazardLevel;
  const graver = judged && judged.level > 0 && (declared === undefined || declared === 0 || judged.level < declared);
  const name = (level: number) => (level > 0 ? w('level', ROMAN[level]) : w('noHazard'));
  return (
    <Panel title={w('hazard')}>
      <div class="hazard" data-test="hazard">
        {judged ? (
          <>
            <p class={`hazard-level level-${judged.level}`}>{name(judged.level)}</p>
            <Facts
              of={[
                [w('r'), number(judged.r)],
                [w('ratio'), number(judged.ratio)],
                [w('registered'), declared === undefined ? w('unknown') : name(declared)],
                [w('people'), registered?.peopleWithin500M !== undefined && count(registered.peopleWithin500M)].filter(Boolean) as [string, string],
              ]}
            />
            {graver && <p class="late">{w('graver')}</p>}
            {judged.uncounted > 0 && <p class="dim">{w('uncounted', count(judged.uncounted))}</p>}
          </>
        ) : (
          <>
            <p>
              {w('registered')}: <strong>{declared === undefined ? w('unknown') : name(declared)}</strong>
            </p>
            <p class="dim">{w('notJudged')}</p>
          </>
        )}
      </div>
    </Panel>
  );
}

function Now({ state, entry, ms }: { state: EnterpriseState; entry: EntryRow | null; ms: number }) {
  const own = entry ? held(entry, ms).values : {};
  const registered = state.registered?.[state.registered.length - 1];
  const waste = Object.entries(state.waste ?? {});
  return (
    <Panel title={w('now')}>
      <Facts
        of={[
          [w('lastSeen'), state.lastSeen && <Age at={state.lastSeen} />],
          [w('code'), state.id],
          [w('district'), typeof own.district === 'string' ? districtName(own.district) : state.openWarnings[0] && districtName(state.openWarnings[0].district)],
          [w('address'), own.address as string | undefined],
          [w('kinds'), activities(own.kinds)],
          [w('people'), registered?.peopleWithin500M !== undefined ? count(registered.peopleWithin500M) : undefined],
          [w('lines'), count(state.ledger.lines)],
          [w('permits'), state.substancePermits !== undefined ? count(state.substancePermits) : undefined],
          [w('tanks'), state.registeredTanks !== undefined ? count(state.registeredTanks) : undefined],
          [w('waste'), waste.length > 0 ? waste.map(([substance, kept]) => `${substance} ${kg(kept.keptG / 1000)}`).join(', ') : undefined],
        ]}
      />
      {state.stopOrders?.map(order => (
        <p key={order.case + order.from} class={order.lifted ? 'dim' : 'late'}>
          {w('stops')} {w('from')} <At at={order.from} /> · <a href={casePath(order.case)}>{order.case}</a>
          {order.lifted && (
            <>
              {' · '}
              {w('lifted')} <At at={order.lifted} />
            </>
          )}
        </p>
      ))}
      <EventCounts events={state.events} last={state.lastEvent} />
    </Panel>
  );
}

export default function Enterprise({ rest }: PageProps) {
  const id = rest[0] ?? '';
  const base = `/api/enterprises/${part(id)}`;
  const state = useSubject<EnterpriseState>(base);
  const known = state.value !== null;
  const ms = state.at ? Date.parse(state.at) : nowMs.peek();
  const cases = useLoad<Page<CaseRow>>(known ? `${base} cases ${reasonOf(base)}` : null, stop => look(base, `/api/cases${query({ subject: id, limit: 50 })}`, stop), 30_000);
  // An enterprise that only devices speak of has no entry; that is no error.
  const entry = useLoad<EntryRow | null>(known ? `${base} entry ${reasonOf(base)}` : null, stop => look<EntryRow>(base, `/api/registers/enterprises/${part(id)}`, stop).catch(() => null));
  const tanks = useRegister(base, 'tanks', id);
  const permits = useRegister(base, 'substance-permits', id);
  const fleet = useRegister(base, 'vehicles', id);
  const rows = cases.value?.items ?? [];
  const name = entry.value ? String(held(entry.value, ms).values.name ?? '') : '';
  return (
    <SubjectFrame
      base={base}
      of={state}
      title={
        <h1>
          {name || id}
          {state.value && state.value.openWarnings.length > 0 && <Severity of={Math.max(...state.value.openWarnings.map(each => each.severity))} />}
        </h1>
      }
    >
      {value => (
        <>
          <div class="enterprise-top">
            <div class="stack">
              <Now state={value} entry={entry.value} ms={ms} />
              <Hazard state={value} />
              {!state.at && <CaseCards cases={rows} />}
              <Cameras base={base} kind="enterprise" id={id} />
            </div>
            <div class="stack">
              <OpenWarnings warnings={withCases(value.openWarnings, rows)} />
              <Units state={value} tanks={tanks.value?.items ?? []} ms={ms} />
              <BalanceFlow state={value} />
            </div>
          </div>
          <Shipments base={base} state={value} />
          <div class="grid">
            <Permits of={permits} ms={ms} />
            <Fleet of={fleet} ms={ms} />
          </div>
          <History base={base} kinds={KINDS} cases={rows} />
        </>
      )}
    </SubjectFrame>
  );
}
