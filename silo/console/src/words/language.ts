import { effect, signal } from '@preact/signals';
import { codes } from './codes';

export type Language = 'en' | 'zh';

/** A text that the server has in both languages. */
export interface Text {
  en: string;
  zh: string;
}

const kept = localStorage.getItem('language');
export const language = signal<Language>(kept === 'en' || kept === 'zh' ? kept : navigator.language.startsWith('zh') ? 'zh' : 'en');

effect(() => {
  localStorage.setItem('language', language.value);
  document.documentElement.lang = language.value === 'zh' ? 'zh-CN' : 'en';
});

type Words = Record<string, string | ((...values: never[]) => string)>;

/** The words of one page or part: both languages have to have the same ones, which the compiler checks. */
export function words<T extends Words>(en: T, zh: { [K in keyof T]: T[K] extends string ? string : T[K] }) {
  return <K extends keyof T>(key: K, ...values: T[K] extends (...values: infer V) => string ? V : []): string => {
    const word = (language.value === 'zh' ? zh : en)[key] as string | ((...all: unknown[]) => string);
    return typeof word === 'function' ? word(...values) : word;
  };
}

/** What the server says, in the reader's language. */
export const say = (text: Text | string | null | undefined): string => (text == null ? '' : typeof text === 'string' ? text : text[language.value] || text.en || '');

/** Kinds that the city made itself, as scenes, by their code. */
export const ownKinds = signal<Record<string, Text>>({});

export const kindName = (kind: string) => codes[language.value].kinds[kind] ?? (say(ownKinds.value[kind]) || kind);
export const stateName = (state: string) => codes[language.value].states[state] ?? state;
export const choiceName = (choice: string) => codes[language.value].choices[choice] ?? choice;

const severities = { en: ['', 'Notice', 'Minor', 'Serious', 'DANGER'], zh: ['', '提示', '一般', '严重', '危险'] };
export const severityName = (severity: number) => severities[language.value][severity] ?? String(severity);

/** A way to write, made once for each language: making it takes far longer than writing with it. */
function inEach<T>(make: (locale: string) => T): () => T {
  const made: { [L in Language]?: T } = {};
  return () => (made[language.value] ??= make(language.value === 'zh' ? 'zh-CN' : 'en-GB'));
}

function moments(options: Intl.DateTimeFormatOptions): (at: string | number) => string {
  const format = inEach(locale => new Intl.DateTimeFormat(locale, options));
  return at => {
    const date = new Date(at);
    return Number.isNaN(date.getTime()) ? '—' : format().format(date);
  };
}

/** Date and time to the second, in this machine's zone. */
export const clock = moments({ dateStyle: 'short', timeStyle: 'medium' });
export const day = moments({ dateStyle: 'medium' });
export const monthDay = moments({ month: 'numeric', day: 'numeric' });
export const timeOfDay = moments({ timeStyle: 'medium' });
export const hourMinute = moments({ hour: '2-digit', minute: '2-digit' });

const numbers = [0, 1, 2, 3, 4, 5, 6].map(digits => inEach(locale => new Intl.NumberFormat(locale, { maximumFractionDigits: digits })));

/** A number that has no unit, with at most so many digits after the point, 0 to 6. */
export const number = (value: number, digits = 3) => numbers[digits]!().format(value);
/** A number with its unit; never one without the other. */
export const quantity = (value: number, unit: string, digits = 0) => `${number(value, digits)}\u202f${unit}`;
export const kg = (value: number) => quantity(Math.round(value), 'kg');
export const percent = (share: number, digits = 1) => quantity(share * 100, '%', digits);
export const count = (value: number) => number(value);

/** A length of time, in two units at most. */
export function span(ms: number): string {
  const zh = language.value === 'zh';
  const s = Math.floor(Math.abs(ms) / 1000);
  const unit = (value: number, en: string, cn: string) => `${value}${zh ? '' : '\u202f'}${zh ? cn : en}`;
  if (s < 60) return unit(s, 's', '秒');
  const minutes = Math.floor(s / 60);
  if (minutes < 120) return unit(minutes, 'min', '分钟');
  const two = (first: string, rest: number, second: string) => (rest ? `${first}${zh ? '' : ' '}${second}` : first);
  if (minutes < 2880) return two(unit(Math.floor(minutes / 60), 'h', '小时'), minutes % 60, unit(minutes % 60, 'min', '分'));
  const hours = Math.floor(minutes / 60) % 24;
  return two(unit(Math.floor(minutes / 1440), 'd', '天'), hours, unit(hours, 'h', '小时'));
}
