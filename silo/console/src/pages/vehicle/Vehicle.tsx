import { useMemo } from 'preact/hooks';
import { part, query } from '../../api/client';
import type { CaseRow, Page } from '../../api/types';
import { subjectPath } from '../../app/router';
import { nowMs } from '../../app/session';
import type { PageProps } from '../../main';
import { Age, At, Facts, Panel, Severity } from '../../parts/bits';
import { CaseCards, withCases } from '../../parts/cases';
import { type Curve, Curves } from '../../parts/curves';
import { History } from '../../parts/history';
import { LimitBar } from '../../parts/limits';
import { useLoad } from '../../parts/load';
import { SubjectFrame, useSubject } from '../../parts/subject';
import { look, reasonOf } from '../../parts/why';
import { figureWord, TANK_FIGURES, tankBounds } from '../../parts/tank';
import { OpenWarnings } from '../../parts/warning';
import { valueName } from '../../words/figures';
import { clock, count, kg, percent, quantity, words } from '../../words/language';
import { Axles } from './Axles';
import type { Telemetry, VehicleState } from './state';
import { Track } from './Track';
import { useDay } from './track';
import './vehicle.css';

const w = words(
  {
    now: 'State', weighing: 'Last weighing', noWeighing: 'It was never weighed.', tank: 'Tank now', curves: 'Tank over the last 24 hours', track: 'Track over the last 24 hours', waybills: 'Waybills', lastSeen: 'Last seen', weighings: 'Weighings', sightings: 'Sightings', seen: 'Last sighting', uncertain: 'Plates read uncertainly', where: 'Where', speed: 'Speed', driver: 'Driver', waybill: 'Waybill', substance: 'Substance', valve: 'Valve',
    station: 'Station', lane: 'Lane', time: 'Time', body: 'Body', plateRead: 'Plate read with', ratio: 'Left to right', from: (t: string) => `So far from ${t} on.`, loading: 'Earlier readings are being read …', noWaybill: 'No waybill is registered.', telemetryWaybill: (n: string) => `Its terminal names waybill ${n}.`, departure: 'Departure', arrival: 'Arrival', load: 'Loading site', unload: 'Unloading site',
    registered: 'Registered', permits: 'Permits', axles: (n: string) => `${n} axles`, rated: 'rated load', curb: 'curb mass', hazmat: 'licensed for dangerous goods', permitMass: 'permitted mass', awaited: 'Awaited at a scale', missed: 'missed', until: 'until', failed: 'The readings of the last day could not be read.', noData: 'Not measured.', terminal: 'Terminal', quiet: 'silent',
  },
  {
    now: '当前状态', weighing: '最近称重', noWeighing: '无称重记录。', tank: '罐体当前', curves: '近24小时罐体曲线', track: '近24小时轨迹', waybills: '电子运单', lastSeen: '最近出现', weighings: '称重次数', sightings: '抓拍次数', seen: '最近抓拍', uncertain: '号牌识别存疑', where: '位置', speed: '车速', driver: '驾驶员', waybill: '运单', substance: '物质', valve: '阀门',
    station: '检测站', lane: '车道', time: '时间', body: '车型', plateRead: '号牌识别置信度', ratio: '左右轮荷比', from: t => `已读取${t}以来的数据。`, loading: '正在读取更早数据…', noWaybill: '未登记运单。', telemetryWaybill: n => `车载终端上报运单${n}。`, departure: '起运', arrival: '到达', load: '装货地', unload: '卸货地',
    registered: '登记信息', permits: '通行证', axles: n => `${n}轴`, rated: '核定载质量', curb: '整备质量', hazmat: '危险货物运输车辆', permitMass: '许可总质量', awaited: '待称重', missed: '未称重', until: '截至', failed: '近一日数据读取失败。', noData: '未测量。', terminal: '车载终端', quiet: '失联',
  },
);

const KINDS = ['weigh', 'video', 'telemetry', 'warning', 'case', 'registered'];

/** A plate on the ground of its colour, as it is on the vehicle. */
export function Plate({ id }: { id: string }) {
  const dash = id.indexOf('-');
  const [plate, colour] = dash < 0 ? [id, ''] : [id.slice(0, dash), id.slice(dash + 1)];
  return (
    <span class={`plate ${colour}`} title={id}>
      {plate}
    </span>
  );
}

const Where = ({ at }: { at?: { lat: number; lon: number } }) =>
  at ? (
    <a href={`/?at=${at.lon},${at.lat},14`}>
      {at.lat.toFixed(5)}°, {at.lon.toFixed(5)}°
    </a>
  ) : null;

function Now({ state }: { state: VehicleState }) {
  const { telemetry, lastSighting: seen } = state;
  return (
    <Panel title={w('now')}>
      <Facts
        of={[
          [w('lastSeen'), state.lastSeen && <Age at={state.lastSeen} />],
          [w('speed'), telemetry?.speedKmh !== undefined && quantity(telemetry.speedKmh, 'km/h', 1)],
          [w('where'), telemetry?.position ? <Where at={telemetry.position} /> : undefined],
          [w('substance'), telemetry?.substance],
          [w('driver'), telemetry?.driver],
          [w('waybill'), telemetry?.waybill],
          [w('terminal'), telemetry && <a href={subjectPath('source', telemetry.source)}>{telemetry.source}</a>],
          [w('seen'), seen && <><a href={subjectPath('source', seen.source)}>{seen.source}</a> · <Age at={seen.at} /></>],
          [w('weighings'), count(state.weighings)],
          [w('sightings'), count(state.sightings)],
          [w('uncertain'), state.uncertainPlates > 0 && count(state.uncertainPlates)],
          [
            w('registered'),
            state.registered?.length
              ? state.registered.slice(-1).map(each => [each.vehicleClass && valueName(each.vehicleClass), each.axles && w('axles', count(each.axles)), each.ratedLoadKg && `${w('rated')} ${kg(each.ratedLoadKg)}`, each.curbKg && `${w('curb')} ${kg(each.curbKg)}`, each.hazmat && w('hazmat')].filter(Boolean).join(' · '))[0]
              : undefined,
          ],
          [w('permits'), state.permits?.length ? state.permits.map(each => `${each.number}${each.grossKg ? ` · ${w('permitMass')} ${kg(each.grossKg)}` : ''}${each.to ? ` · ${w('until')} ${clock(each.to)}` : ''}`).join('; ') : undefined],
          [w('awaited'), state.evasion?.awaited.length ? state.evasion.awaited.slice(0, 3).map(each => `${each.camera} ${w('until')} ${clock(each.until)}${each.missed ? ` · ${w('missed')}` : ''}`).join('; ') : undefined],
        ].filter(([, value]) => value !== false) as [string, preact.ComponentChildren][]}
      />
    </Panel>
  );
}

function LastWeighing({ state }: { state: VehicleState }) {
  const weighing = state.lastWeighing;
  return (
    <Panel title={w('weighing')}>
      {weighing ? (
        <>
          <Facts
            of={[
              [w('station'), <a href={subjectPath('source', weighing.station)}>{weighing.station}</a>],
              [w('time'), <At at={weighing.at} />],
              [w('lane'), weighing.lane],
              [w('body'), weighing.vehicleClass && valueName(weighing.vehicleClass)],
              [w('speed'), weighing.speedKmh !== undefined ? quantity(weighing.speedKmh, 'km/h', 1) : undefined],
              [w('plateRead'), percent(weighing.plateConfidence)],
              [w('ratio'), weighing.leftRightRatio !== undefined ? weighing.leftRightRatio.toFixed(2) : undefined],
            ]}
          />
          <Axles weighing={weighing} usual={state.axleHistory} />
        </>
      ) : (
        <p class="state">{w('noWeighing')}</p>
      )}
    </Panel>
  );
}

function TankNow({ telemetry }: { telemetry: Telemetry }) {
  const measured = TANK_FIGURES.filter(figure => telemetry.tank[figure.id] !== undefined);
  return (
    <Panel title={<>{w('tank')} {telemetry.substance && <span class="tag">{telemetry.substance}</span>}</>} actions={<span class="dim"><Age at={telemetry.at} /></span>}>
      <div class="bars" data-test="tank-now">
        {measured.length === 0 && <p class="dim">{w('noData')}</p>}
        {measured.map(figure => (
          <LimitBar key={figure.id} name={figureWord(figure)} value={telemetry.tank[figure.id]!} text={quantity(telemetry.tank[figure.id]!, figure.unit, 1)} limits={tankBounds(figure, telemetry.substance).slice(-2)} />
        ))}
        {telemetry.tank.valve && (
          <p>
            {w('valve')}: <strong class={telemetry.tank.valve === 'open' ? 'late' : 'good'}>{valueName(telemetry.tank.valve)}</strong>
          </p>
        )}
      </div>
    </Panel>
  );
}

function Waybills({ state }: { state: VehicleState }) {
  const named = state.telemetry?.waybill;
  if (!state.waybills?.length && !named) return null;
  return (
    <Panel title={w('waybills')}>
      {named && <p>{w('telemetryWaybill', named)}</p>}
      {!state.waybills?.length && <p class="dim">{w('noWaybill')}</p>}
      {state.waybills?.slice(-10).map(each => (
        <div key={`${each.number} ${each.from}`} class={each.number === named ? 'waybill named' : 'waybill'}>
          <strong>{each.number}</strong>
          <Facts
            of={[
              [w('substance'), each.substance],
              [w('departure'), each.departure && <At at={each.departure} />],
              [w('arrival'), each.arrival && <At at={each.arrival} />],
              [w('load'), each.loadSite],
              [w('unload'), each.unloadSite],
            ]}
          />
        </div>
      ))}
    </Panel>
  );
}

function Readings({ base, state }: { base: string; state: VehicleState }) {
  const day = useDay(base, true);
  const substance = state.telemetry?.substance;
  const curves: Curve[] = useMemo(
    () =>
      TANK_FIGURES.slice(0, 3)
        .filter(figure => day.figures[figure.id]?.some(value => value !== null))
        .map(figure => ({ id: figure.id, name: figureWord(figure), unit: figure.unit, values: day.figures[figure.id], limits: tankBounds(figure, substance) })),
    [day.seconds, substance],
  );
  return (
    <div class="grid">
      <Panel title={w('track')}>
        {day.error && <p class="error">{w('failed')}</p>}
        <Track fixes={day.fixes} done={day.done || day.error} />
      </Panel>
      {curves.length > 0 && (
        <Panel title={w('curves')}>
          <Curves seconds={day.seconds} curves={curves} label={w('curves')} />
          <p class="dim">
            {w('from', clock(day.fromMs))} {!day.done && w('loading')}
          </p>
        </Panel>
      )}
    </div>
  );
}

export default function Vehicle({ rest }: PageProps) {
  const id = rest[0] ?? '';
  const base = `/api/vehicles/${part(id)}`;
  const state = useSubject<VehicleState>(base);
  const cases = useLoad<Page<CaseRow>>(state.value ? `${base} cases ${reasonOf(base)}` : null, stop => look(base, `/api/cases${query({ subject: id, limit: 50 })}`, stop), 30_000);
  const rows = cases.value?.items ?? [];
  const telemetry = state.value?.telemetry;
  const silent = telemetry && !state.at && nowMs.value - Date.parse(telemetry.at) > 30 * 60_000;
  return (
    <SubjectFrame
      base={base}
      of={state}
      title={
        <h1>
          <Plate id={id} />
          {state.value?.openWarnings[0] && <Severity of={Math.max(...state.value.openWarnings.map(each => each.severity))} />}
          {silent && <span class="tag">{w('quiet')}</span>}
        </h1>
      }
    >
      {value => (
        <>
          <div class="vehicle-top">
            <div class="stack">
              <Now state={value} />
              {value.telemetry && value.lastWeighing && <TankNow telemetry={value.telemetry} />}
              <Waybills state={value} />
              {!state.at && <CaseCards cases={rows} />}
            </div>
            <div class="stack">
              {value.telemetry && !value.lastWeighing && <TankNow telemetry={value.telemetry} />}
              {(value.lastWeighing || !value.telemetry) && <LastWeighing state={value} />}
              <OpenWarnings warnings={withCases(value.openWarnings, rows)} />
            </div>
          </div>
          <Readings base={base} state={value} />
          <History base={base} kinds={KINDS} cases={rows} />
        </>
      )}
    </SubjectFrame>
  );
}
