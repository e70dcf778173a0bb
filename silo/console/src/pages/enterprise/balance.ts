import type { Warning } from '../../api/types';
import type { Account, EnterpriseState } from './state';

/** One step of a balance: what it adds to the stock, kg. */
export interface Step {
  id: 'opening' | 'produced' | 'purchased' | 'received' | 'used' | 'shipped' | 'disposed';
  kg: number;
}

/** A substance's way from opening to closing. */
export interface Balance {
  substance: string;
  steps: Step[];
  /** What the ledger says should be there, kg. */
  expectedKg: number;
  /** What was measured or counted, kg; undefined where nobody has. */
  closingKg?: number;
  /** What cannot be explained, kg; negative: missing. Undefined where nothing was found to be. */
  unexplainedKg?: number;
  /** How much the meters' errors may explain, kg. */
  allowedKg?: number;
  /** Where the opening comes from: an agreed stock-taking, by calculation, or nowhere. */
  opening: 'agreed' | 'calculated' | 'unknown';
  /** How much of it the tanks hold by their own meters, kg; undefined where no tank of the substance reports. */
  tanksKg?: number;
}

const GAINS = ['produced', 'purchased', 'received'] as const;
const LOSSES = ['used', 'shipped', 'disposed'] as const;

const net = (steps: Step[]) => steps.reduce((sum, step) => sum + step.kg, 0);

function movements(of: (name: 'produced' | 'purchased' | 'received' | 'used' | 'shipped' | 'disposed') => number): Step[] {
  return [...GAINS.map(id => ({ id, kg: of(id) })), ...LOSSES.map(id => ({ id, kg: -of(id) }))];
}

/** A balance as the server found it not to close: since the last agreed stock. */
function warned(substance: string, warning: Warning): Balance | null {
  const figures = warning.evidence.figures ?? {};
  const of = (name: string) => (typeof figures[`${substance}.${name}`] === 'number' ? (figures[`${substance}.${name}`] as number) : undefined);
  const opening = of('openingKg');
  const expected = of('expectedKg');
  if (opening === undefined || expected === undefined) return null;
  return { substance, opening: 'agreed', steps: [{ id: 'opening', kg: opening }, ...movements(name => of(`${name}Kg`) ?? 0)], expectedKg: expected, closingKg: of('storedKg'), unexplainedKg: of('differenceKg'), allowedKg: of('allowedKg') };
}

function recorded(substance: string, account: Account | undefined, state: EnterpriseState): Balance {
  const kg = (grams?: number) => (grams === undefined ? undefined : grams / 1000);
  const steps = movements(name => (account?.[`${name}G`] ?? 0) / 1000);
  const stored = state.stored?.[substance];
  const expected = kg(stored?.expectedG ?? stored?.ledgerG);
  const tanks = state.units.filter(unit => unit.substance === substance && unit.last.massKg !== undefined);
  const tanksKg = kg(stored?.tanksG) ?? (tanks.length > 0 ? tanks.reduce((sum, unit) => sum + unit.last.massKg!, 0) : undefined);
  if (expected === undefined) return { substance, opening: 'unknown', steps, expectedKg: net(steps), tanksKg };
  const difference = kg(stored?.differenceG);
  return {
    substance,
    opening: 'calculated',
    steps: [{ id: 'opening', kg: expected - net(steps) }, ...steps],
    expectedKg: expected,
    closingKg: difference !== undefined ? expected + difference : kg(stored?.tanksG),
    unexplainedKg: difference,
    tanksKg,
  };
}

/** The balances of all substances: those that do not close first, then those with most moved. */
export function balances(state: EnterpriseState): Balance[] {
  const found = state.openWarnings.find(each => each.kind === 'enterprise-balance');
  const substances = [...new Set([...Object.keys(state.stored ?? {}), ...Object.keys(state.ledger.substances)])];
  const moved = (balance: Balance) => balance.steps.reduce((sum, step) => sum + Math.abs(step.kg), 0);
  return substances
    .map(substance => {
      const own = recorded(substance, state.ledger.substances[substance], state);
      const grave = found && warned(substance, found);
      return grave ? { ...grave, tanksKg: own.tanksKg } : own;
    })
    .sort((a, b) => Math.abs(b.unexplainedKg ?? 0) - Math.abs(a.unexplainedKg ?? 0) || moved(b) - moved(a));
}
