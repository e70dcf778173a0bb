import { count, kg, language, percent, quantity, words } from '../../words/language';
import { LimitBar } from '../../parts/limits';
import type { VehicleState, Weighing } from './state';

const w = words(
  {
    axle: (n: string) => `Axle ${n}`, gross: 'Gross mass', limit: 'limit', over: 'over by', within: 'within its limit', noLimit: 'No limit could be judged.', noGroups: 'No limits of axle groups are in force; groups are shown by the spacing.', rated: 'Load', picture: (all: string) => `Axle diagram: ${all}`, group: 'Group', single: 'Axle',
    advisory: 'for information', usual: 'usual share', basis: 'Basis', front: 'Front', share: 'share of gross', table: 'Axle loads', mass: 'Load', offset: 'Offset', accuracy: (p: string) => `The station weighs to ±${p}.`,
  },
  {
    axle: n => `第${n}轴`, gross: '总质量', limit: '限值', over: '超出', within: '未超限', noLimit: '无法判定限值。', noGroups: '未启用轴组限值，轴组按轴距划分显示。', rated: '载质量', picture: all => `轴荷图：${all}`, group: '轴组', single: '单轴',
    advisory: '仅供参考', usual: '通常占比', basis: '依据', front: '车头', share: '占总质量', table: '轴荷', mass: '轴荷', offset: '距首轴', accuracy: p => `检测站准确度±${p}。`,
  },
);

interface Group {
  first: number;
  count: number;
  massKg: number;
  limitKg?: number;
  overKg?: number;
  advisory?: boolean;
  basis?: string;
}

/** Axles nearer than this stand in one group (GB 1589 speaks of spacings up to 1.8 m). */
const GROUP_SPACING_M = 1.8;

function groupsOf(weighing: Weighing): Group[] {
  if (weighing.axleGroups?.length) {
    return weighing.axleGroups.map(each => ({ first: each.firstAxle - 1, count: each.axleCount, massKg: each.massKg, limitKg: each.limitKg, overKg: each.overKg, advisory: each.advisory, basis: language.value === 'zh' ? each.basisZh : each.basis }));
  }
  const groups: Group[] = [];
  weighing.axles.forEach((axle, i) => {
    const last = groups[groups.length - 1];
    if (last && axle.offsetM - weighing.axles[i - 1].offsetM <= GROUP_SPACING_M) {
      last.count++;
      last.massKg += axle.massKg;
    } else groups.push({ first: i, count: 1, massKg: axle.massKg });
  });
  return groups;
}

// The drawing's own units; it is scaled to its place. On a phone it is drawn narrower, so that its words stay as large.
const narrow = matchMedia('(max-width: 700px)').matches;
const WIDE = narrow ? 390 : 720;
const SIDE = narrow ? 46 : 62;
const ROAD = 172;
const WHEEL = 17;
const LEAST_APART = narrow ? 48 : 46;

/** Where the axles stand in the drawing: at their offsets, but never so near that loads could not be read. */
function places(axles: Weighing['axles']): number[] {
  const length = Math.max(axles[axles.length - 1].offsetM, 1);
  const scale = (WIDE - 2 * SIDE) / length;
  const at = axles.map(axle => SIDE + axle.offsetM * scale);
  for (let i = 1; i < at.length; i++) at[i] = Math.max(at[i], at[i - 1] + LEAST_APART);
  const beyond = at[at.length - 1] - (WIDE - SIDE);
  return beyond > 0 ? at.map((x, i) => Math.min(x, WIDE - SIDE - (at.length - 1 - i) * LEAST_APART)) : at;
}

function Drawing({ weighing, groups }: { weighing: Weighing; groups: Group[] }) {
  const { axles } = weighing;
  const at = places(axles);
  const cab = Math.min(narrow ? 74 : 86, (at[1] ?? at[0] + 120) - at[0] + 30);
  const front = at[0] - 42;
  const back = at[at.length - 1] + 38;
  const combination = weighing.vehicleClass === 'combination' || axles.length > 4;
  const total = weighing.grossKg || 1;
  const tone = (group: Group) => ((group.overKg ?? 0) > 0 ? 'over' : group.limitKg ? 'within' : 'plain');
  return (
    <svg class={`axles ${narrow ? 'narrow' : ''}`} viewBox={`0 0 ${WIDE} 268`} role="img" aria-label={w('picture', axles.map((axle, i) => `${w('axle', String(i + 1))} ${kg(axle.massKg)}`).join(', '))} data-test="axle-diagram">
      <path class="body" d={`M${front} ${ROAD - 20} v-44 q0 -10 8 -12 l14 -3 8 -24 q2 -6 9 -6 h${cab - 34} v89 z`} />
      <path class="glass" d={`M${front + 30} ${ROAD - 82} l6 -19 q1 -3 5 -3 h16 v22 z`} />
      {combination ? (
        <path class="body" d={`M${front + cab + 6} ${ROAD - 24} h${back - front - cab - 6} v-92 h${-(back - front - cab - 12)} v60 h-6 z`} />
      ) : (
        <rect class="body" x={front + cab + 8} y={ROAD - 116} width={back - front - cab - 8} height={92} />
      )}
      <line class="frame" x1={front + 4} x2={back} y1={ROAD - 20} y2={ROAD - 20} />
      <line class="road" x1={8} x2={WIDE - 8} y1={ROAD + WHEEL} y2={ROAD + WHEEL} />
      {groups.map(group => {
        const left = at[group.first] - 22;
        const right = at[group.first + group.count - 1] + 22;
        const middle = (left + right) / 2;
        const wide = right - left;
        return (
          <g key={group.first} class={`group ${tone(group)}`}>
            <path class="bracket" d={`M${left} ${ROAD - 128} v-8 h${wide} v8`} />
            <text x={middle} y={ROAD - 154} class="strong">
              {kg(group.massKg)}
            </text>
            {group.limitKg && (
              <text x={middle} y={ROAD - 141}>
                {w('limit')} {kg(group.limitKg)}
              </text>
            )}
          </g>
        );
      })}
      {axles.map((axle, i) => {
        const group = groups.find(each => i >= each.first && i < each.first + each.count);
        const share = axle.massKg / total;
        return (
          <g key={i} class={`axle ${group ? tone(group) : ''}`}>
            <circle cx={at[i]} cy={ROAD} r={WHEEL} />
            <circle class="hub" cx={at[i]} cy={ROAD} r={5} />
            <text x={at[i]} y={ROAD + 37} class="strong">
              {count(Math.round(axle.massKg))}
            </text>
            <text x={at[i]} y={ROAD + 52}>
              kg
            </text>
            <rect class="column" x={at[i] - 14} y={ROAD + 58} width={28 * Math.min(1, share * 2.2)} height={7} />
            <text x={at[i]} y={ROAD + 80} class="faint">
              {percent(share, 0)}
            </text>
          </g>
        );
      })}
      {axles.slice(1).map((axle, i) => {
        const gap = axle.offsetM - axles[i].offsetM;
        return at[i + 1] - at[i] < 76 ? null : (
          <text key={i} x={(at[i] + at[i + 1]) / 2} y={ROAD + 4} class="faint">
            {quantity(gap, 'm', 2)}
          </text>
        );
      })}
    </svg>
  );
}

/** A weighing as a picture of the vehicle: its axles with their loads, groups against their limits, and the gross mass against its own. */
export function Axles({ weighing, usual }: { weighing: Weighing; usual?: VehicleState['axleHistory'] }) {
  const groups = groupsOf(weighing);
  const rated = weighing.ratedLoad;
  return (
    <div class="stack">
      {weighing.axles.length > 0 && <Drawing weighing={weighing} groups={groups} />}
      <div class="bars">
        <LimitBar name={w('gross')} value={weighing.grossKg} text={kg(weighing.grossKg)} limits={weighing.limitKg ? [{ value: weighing.limitKg, text: kg(weighing.limitKg) }] : []} />
        {weighing.overKg !== null && weighing.overKg > 0 && (
          <p class="late">
            {w('over')} {kg(weighing.overKg)} ({quantity(weighing.overPct ?? 0, '%', 2)})
          </p>
        )}
        {rated?.ratedLoadKg !== undefined && rated.loadKg !== undefined && <LimitBar name={w('rated')} value={rated.loadKg} text={kg(rated.loadKg)} limits={[{ value: rated.ratedLoadKg, text: kg(rated.ratedLoadKg) }]} />}
        {groups
          .filter(group => group.limitKg)
          .map(group => (
            <LimitBar
              key={group.first}
              name={`${w(group.count > 1 ? 'group' : 'single')} ${group.first + 1}${group.count > 1 ? `–${group.first + group.count}` : ''}${group.advisory ? ` (${w('advisory')})` : ''}`}
              value={group.massKg}
              text={kg(group.massKg)}
              limits={[{ value: group.limitKg!, text: kg(group.limitKg!) }]}
            />
          ))}
      </div>
      <p class="dim">
        {weighing.limitKg === null && `${w('noLimit')} `}
        {w('basis')}: {language.value === 'zh' ? weighing.limitBasisZh : weighing.limitBasis}
        {language.value === 'zh' ? '。' : '. '}
        {weighing.accuracyPct !== undefined && `${w('accuracy', quantity(weighing.accuracyPct, '%', 1))} `}
        {!weighing.axleGroups?.length && w('noGroups')}
        {usual && usual.usualSharesPct.length === weighing.axles.length ? ` ${w('usual')}: ${usual.usualSharesPct.map(each => quantity(each, '%', 1)).join(', ')}.` : ''}
      </p>
    </div>
  );
}
