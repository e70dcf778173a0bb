import { rulebook } from '../app/session';
import { valueName } from '../words/figures';
import { language, quantity } from '../words/language';
import type { Bound } from './limits';

interface Limits {
  high?: number | null;
  highHigh?: number | null;
  low?: number | null;
  lowLow?: number | null;
}

/** What a tank measures, in the order in which it is shown. */
export const TANK_FIGURES: { id: 'pressureKpa' | 'temperatureC' | 'levelPct' | 'gasPpm' | 'gasPctLel'; unit: string; en: string; zh: string }[] = [
  { id: 'pressureKpa', unit: 'kPa', en: 'Pressure', zh: '压力' },
  { id: 'temperatureC', unit: '°C', en: 'Temperature', zh: '温度' },
  { id: 'levelPct', unit: '%', en: 'Level', zh: '液位' },
  { id: 'gasPpm', unit: 'ppm', en: 'Toxic gas', zh: '有毒气体' },
  { id: 'gasPctLel', unit: '% LEL', en: 'Combustible gas', zh: '可燃气体' },
];

export const figureWord = (figure: (typeof TANK_FIGURES)[number]) => figure[language.value];

/** The limits of a tank's figure: of this very tank, else of its substance, else of all, as the rulebook has them. */
export function tankBounds(figure: (typeof TANK_FIGURES)[number], substance?: string, tank?: string): Bound[] {
  const rules = rulebook.value.tankLimits as { default?: Record<string, Limits>; substances?: Record<string, Record<string, Limits>>; tanks?: Record<string, Record<string, Limits>> } | undefined;
  const found = (tank && rules?.tanks?.[tank]?.[figure.id]) || (substance && rules?.substances?.[substance]?.[figure.id]) || rules?.default?.[figure.id];
  if (!found) return [];
  return (
    [
      ['low-low', found.lowLow],
      ['low', found.low],
      ['high', found.high],
      ['high-high', found.highHigh],
    ] as [string, number | null | undefined][]
  ).flatMap(([name, value]) => (value == null ? [] : [{ value, name: valueName(name), text: quantity(value, figure.unit, 2) }]));
}
