import type { EnterpriseState } from './state';

export interface Grade {
  r: number;
  ratio: number;
  /** 1, the gravest, to 4; 0: no major hazard. */
  level: number;
  uncounted: number;
}

interface Rules {
  substances?: Record<string, { thresholdTonnes?: number | null; beta?: number }>;
  exposure?: { fromPeople: number; alpha: number }[];
  level1From?: number;
  level2From?: number;
  level3From?: number;
}

/** How grave the hazard is: as an open warning has it, else by the rules of the rulebook where it shows them; null where neither is there. */
export function grade(state: EnterpriseState, section: unknown, people: number | undefined): Grade | null {
  const figures = state.openWarnings.find(each => each.kind === 'major-hazard')?.evidence.figures;
  if (figures && typeof figures.r === 'number') return { r: figures.r, ratio: Number(figures.ratio), level: Number(figures.level), uncounted: Number(figures.notCounted ?? 0) };
  const rules = section as Rules | undefined;
  if (!rules?.substances || !rules.exposure) return null;
  let ratio = 0;
  let weighted = 0;
  let uncounted = 0;
  for (const [substance, massKg] of storedKg(state)) {
    const known = rules.substances[substance];
    if (massKg <= 0) continue;
    if (!known?.thresholdTonnes) {
      uncounted++;
      continue;
    }
    ratio += massKg / (known.thresholdTonnes * 1000);
    weighted += (massKg / (known.thresholdTonnes * 1000)) * (known.beta ?? 1);
  }
  // Who does not know how many people live there takes the gravest, as the server does.
  const alpha = rules.exposure.find(step => (people ?? 100) >= step.fromPeople)?.alpha ?? 1;
  const r = alpha * weighted;
  const level = ratio < 1 ? 0 : r >= (rules.level1From ?? 100) ? 1 : r >= (rules.level2From ?? 50) ? 2 : r >= (rules.level3From ?? 10) ? 3 : 4;
  return { r, ratio, level, uncounted };
}

function storedKg(state: EnterpriseState): Map<string, number> {
  const masses = new Map<string, number>();
  for (const unit of state.units) {
    if (unit.substance && unit.last.massKg !== undefined) masses.set(unit.substance, (masses.get(unit.substance) ?? 0) + unit.last.massKg);
  }
  for (const [substance, stored] of Object.entries(state.stored ?? {})) {
    const grams = stored.tanksG ?? stored.ledgerG;
    if (grams !== undefined) masses.set(substance, grams / 1000);
  }
  return masses;
}
