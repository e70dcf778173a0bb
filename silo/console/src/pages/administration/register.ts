import { count, language, words } from '../../words/language';

/** A register and its fields. */
export interface Register {
  register: string;
  key: string[];
  fields: RegisterField[];
}

export interface RegisterField {
  name: string;
  kind: string;
  en: string;
  zh: string;
  needed?: boolean;
  personal?: boolean;
  words?: string[];
}

export type Value = string | number | boolean | null | unknown[] | object;

export interface Span {
  from?: string;
  to?: string;
  values: Record<string, Value>;
  sources: Record<string, string>;
  differs?: Record<string, string[]>;
}

export interface Row {
  register: string;
  key: string;
  spans: Span[];
  district?: string;
  resources: string[];
  differs: boolean;
  changed: string;
  statements?: { source: string; at: string; from?: string; to?: string; removed?: boolean; values: Record<string, Value> }[];
}

export const fieldName = (of: RegisterField) => of[language.value];

const w = words({ yes: 'yes', no: 'no' }, { yes: '是', no: '否' });

/** Units stand at the ends of the fields' names, as the registers have them. */
const units: [RegExp, string][] = [[/Kg$/, 'kg'], [/Kpa$/, 'kPa'], [/Kmh$/, 'km/h'], [/Pct$/, '%'], [/C$/, '°C'], [/[a-z]M$/, 'm'], [/^(lat|lon)$/, '°'], [/Permille$/, '‰'], [/Days$/, 'd'], [/^peopleWithin500M$/, '']];

/** A value with its unit, as the field has it. */
export function valueText(field: string, value: Value | undefined): string {
  if (value === null || value === undefined || value === '') return '–';
  if (value === 'yes' || value === 'no') return w(value);
  if (typeof value === 'number') {
    const unit = field === 'peopleWithin500M' ? '' : (units.find(([name]) => name.test(field))?.[1] ?? '');
    return `${count(value)}${unit ? `\u202f${unit}` : ''}`;
  }
  if (Array.isArray(value) && value.every(each => typeof each === 'string')) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
