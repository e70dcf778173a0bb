import { subjectPath } from '../../app/router';
import { Age, Panel } from '../../parts/bits';
import { LimitBar } from '../../parts/limits';
import { figureWord, TANK_FIGURES, tankBounds } from '../../parts/tank';
import { valueName } from '../../words/figures';
import { count, kg, quantity, words } from '../../words/language';
import type { EntryRow, EnterpriseState, Unit } from './state';
import { held } from './state';

const w = words(
  { title: 'Tanks and units', none: 'No unit has reported.', mass: 'Mass', capacity: 'capacity', more: (n: string) => `and ${n} more units that are kept apart`, alarm: 'outside its limits', ok: 'within its limits', source: 'by' },
  { title: '储罐与装置', none: '暂无装置上报。', mass: '质量', capacity: '容量', more: n => `另有${n}个装置`, alarm: '超出限值', ok: '正常', source: '来源' },
);

function One({ enterprise, unit, tank, ms }: { enterprise: string; unit: Unit; tank?: EntryRow; ms: number }) {
  const { last } = unit;
  const capacity = tank && Number(held(tank, ms).values.capacityKg);
  const alarms = Object.keys(unit.alarms);
  return (
    <article class={`unit ${alarms.length > 0 ? 'alarm' : ''}`} aria-label={unit.unit} data-test="unit">
      <div class="row">
        <h3>
          {unit.unit} {unit.substance && <span class="tag">{unit.substance}</span>}
        </h3>
        {alarms.length > 0 ? (
          <strong class="late">
            {TANK_FIGURES.filter(figure => alarms.includes(figure.id))
              .map(figure => `${figureWord(figure)} ${valueName(unit.alarms[figure.id])}`)
              .join(', ') || w('alarm')}
          </strong>
        ) : (
          <span class="good">{w('ok')}</span>
        )}
      </div>
      <div class="bars">
        {TANK_FIGURES.filter(figure => last[figure.id] !== undefined).map(figure => (
          <LimitBar key={figure.id} name={figureWord(figure)} value={last[figure.id]!} text={quantity(last[figure.id]!, figure.unit, 2)} limits={tankBounds(figure, unit.substance, `${enterprise}/${unit.unit}`).slice(-2)} />
        ))}
        {last.massKg !== undefined && <LimitBar name={w('mass')} value={last.massKg} text={kg(last.massKg)} limits={capacity ? [{ value: capacity, text: kg(capacity), name: w('capacity') }] : []} />}
      </div>
      <small class="dim">
        <Age at={last.at} /> · <a href={subjectPath('source', last.source)}>{last.source}</a>
      </small>
    </article>
  );
}

/** Each tank and unit with what it measures against the limits; those outside them first. */
export function Units({ state, tanks, ms }: { state: EnterpriseState; tanks: EntryRow[]; ms: number }) {
  const units = [...state.units].sort((a, b) => Object.keys(b.alarms).length - Object.keys(a.alarms).length);
  return (
    <Panel title={w('title')}>
      {units.length === 0 && <p class="state">{w('none')}</p>}
      <div class="units">
        {units.map(unit => (
          <One key={unit.unit} enterprise={state.id} unit={unit} tank={tanks.find(row => row.key === `${state.id}/${unit.unit}` || held(row, ms).values.unit === unit.unit)} ms={ms} />
        ))}
      </div>
      {state.furtherUnits ? <p class="dim">{w('more', count(state.furtherUnits))}</p> : null}
    </Panel>
  );
}
