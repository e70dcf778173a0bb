import { route, setQuery } from '../../app/router';
import { Panel } from '../../parts/bits';
import { kg, words } from '../../words/language';
import { type Balance, balances } from './balance';
import type { EnterpriseState } from './state';

const w = words(
  {
    title: 'Mass balance', opening: 'Opening', produced: 'Produced', purchased: 'Purchased', received: 'Received', used: 'Used', shipped: 'Shipped', disposed: 'Disposed of', expected: 'By the ledger', closing: 'Found', unexplained: 'Unexplained', missing: 'MISSING', tooMuch: 'TOO MUCH', none: 'The ledger has no lines.', substance: 'Substance', closes: 'Closes within the error of the meters.',
    agreed: 'Since the last agreed stock-taking.', calculated: 'Since the beginning of the record; the opening is what the ledger says less what moved.', unknown: 'No stock was ever agreed on and no tank is registered, so nobody can say whether the balance closes: shown is what the ledger moved since the beginning of the record.', tanks: (m: string) => `Tanks of this substance hold ${m} by their own meters.`, allowed: (m: string) => `Errors of the meters explain at most ${m}.`, off: 'does not close', flow: (t: string) => `Flow: ${t}`, net: 'Moved in all',
  },
  {
    title: '物料平衡', opening: '期初', produced: '生产', purchased: '购进', received: '收货', used: '使用', shipped: '发货', disposed: '处置', expected: '账面应存', closing: '实存', unexplained: '无法解释', missing: '短少', tooMuch: '多出', none: '台账无记录。', substance: '物质', closes: '差额在计量误差之内，账实相符。',
    agreed: '自上次核定盘点起。', calculated: '自记录开始起；期初由账面应存减去累计进出得出。', unknown: '从未核定库存且无登记储罐，无法判定账实是否相符；此处为记录开始以来的台账进出。', tanks: m => `该物质储罐自报现存${m}。`, allowed: m => `计量误差最多可解释${m}。`, off: '账实不符', flow: t => `物料流向：${t}`, net: '净进出',
  },
);

interface Bar {
  name: string;
  from: number;
  to: number;
  text: string;
  tone: 'stock' | 'gain' | 'loss' | 'gap' | 'found';
}

function barsOf(balance: Balance): Bar[] {
  const bars: Bar[] = [];
  let level = 0;
  for (const step of balance.steps) {
    if (step.id === 'opening') bars.push({ name: w('opening'), from: 0, to: step.kg, text: kg(step.kg), tone: 'stock' });
    else if (step.kg !== 0) bars.push({ name: w(step.id), from: level, to: level + step.kg, text: `${step.kg > 0 ? '+' : '−'}${kg(Math.abs(step.kg))}`, tone: step.kg > 0 ? 'gain' : 'loss' });
    level += step.kg;
  }
  bars.push({ name: w(balance.opening === 'unknown' ? 'net' : 'expected'), from: 0, to: balance.expectedKg, text: kg(balance.expectedKg), tone: 'stock' });
  const gap = balance.unexplainedKg;
  if (gap !== undefined && gap !== 0) bars.push({ name: w('unexplained'), from: balance.expectedKg, to: balance.expectedKg + gap, text: `${gap > 0 ? '+' : '−'}${kg(Math.abs(gap))} ${w(gap < 0 ? 'missing' : 'tooMuch')}`, tone: 'gap' });
  if (balance.closingKg !== undefined) bars.push({ name: w('closing'), from: 0, to: balance.closingKg, text: kg(balance.closingKg), tone: 'found' });
  return bars;
}

// The drawing's own units; on a phone it is drawn narrower, so that its words stay as large.
const narrow = matchMedia('(max-width: 700px)').matches;
const WIDE = narrow ? 420 : 760;
const NAMES = narrow ? 100 : 128;
const VALUES = narrow ? 168 : 210;
const ROW = 34;

/** The balance as bars that hand on to each other, from opening down to what was found: each begins where the one above ended, so that what is missing is seen as the step that nothing accounts for. */
function Flow({ balance }: { balance: Balance }) {
  const bars = barsOf(balance);
  const least = Math.min(0, ...bars.flatMap(bar => [bar.from, bar.to]));
  const most = Math.max(1, ...bars.flatMap(bar => [bar.from, bar.to]));
  const x = (value: number) => NAMES + ((value - least) / (most - least)) * (WIDE - NAMES - VALUES);
  return (
    <svg class="flow" viewBox={`0 0 ${WIDE} ${bars.length * ROW + 6}`} role="img" aria-label={w('flow', bars.map(bar => `${bar.name} ${bar.text}`).join(', '))} data-test="balance-flow">
      <defs>
        <pattern id="gap" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <rect width="8" height="8" class="gap-ground" />
          <rect width="4" height="8" class="gap-line" />
        </pattern>
      </defs>
      <line class="zero" x1={x(0)} x2={x(0)} y1={0} y2={bars.length * ROW} />
      {bars.map((bar, i) => {
        const y = i * ROW + 4;
        const left = Math.min(x(bar.from), x(bar.to));
        const wide = Math.max(2, Math.abs(x(bar.to) - x(bar.from)));
        const next = bars[i + 1];
        return (
          <g key={i} class={`step ${bar.tone}`}>
            <text x={NAMES - 10} y={y + 17} class="name">
              {bar.name}
            </text>
            <rect x={left} y={y} width={wide} height={ROW - 10} rx={2} />
            {next && next.from !== 0 && <line class="hand" x1={x(bar.to)} x2={x(bar.to)} y1={y + ROW - 10} y2={y + ROW} />}
            <text x={WIDE - VALUES + 12} y={y + 17} class="value">
              {bar.text}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

/** Per substance where its mass came from and went, and what nobody can explain. */
export function BalanceFlow({ state }: { state: EnterpriseState }) {
  const all = balances(state);
  const asked = route.value.query.get('substance');
  const chosen = all.find(each => each.substance === asked) ?? all[0];
  return (
    <Panel title={w('title')} class="balance">
      {!chosen ? (
        <p class="state">{w('none')}</p>
      ) : (
        <>
          <div class="filters" role="group" aria-label={w('substance')}>
            {all.slice(0, 24).map(each => (
              <button key={each.substance} aria-pressed={each === chosen} class={`${each === chosen ? 'pressed' : ''} ${each.unexplainedKg ? 'off' : ''}`} onClick={() => setQuery({ substance: each.substance })} data-test="balance-substance">
                {each.substance}
                {each.unexplainedKg ? ` · ${w('off')}` : ''}
              </button>
            ))}
          </div>
          <Flow balance={chosen} />
          {chosen.unexplainedKg ? (
            <p class="late" data-test="unexplained">
              {w('unexplained')}: {kg(Math.abs(chosen.unexplainedKg))} {w(chosen.unexplainedKg < 0 ? 'missing' : 'tooMuch')}
            </p>
          ) : (
            chosen.opening !== 'unknown' && <p class="good">{w('closes')}</p>
          )}
          <p class="dim">
            {w(chosen.opening)} {chosen.allowedKg !== undefined && `${w('allowed', kg(chosen.allowedKg))} `}
            {chosen.tanksKg !== undefined && w('tanks', kg(chosen.tanksKg))}
          </p>
        </>
      )}
    </Panel>
  );
}
