import type { ComponentChildren } from 'preact';
import { monthDay } from '../words/language';
import './bars.css';

export interface BarSeries {
  name: string;
  /** One of the tones in bars.css; the pattern tells them apart where colours do not. */
  tone: 'good' | 'late' | 'plain' | 'other';
}

export interface Bar {
  /** Stands under some of the columns, so it is short. */
  label: string;
  /** What is said on pointing at it and in the table, where the label alone does not say enough. */
  name?: string;
  values: number[];
}

/** A day of a calendar, as 2026-11-23, short enough to stand under a column. */
export const shortDay = (date: string) => monthDay(`${date}T12:00:00`);

/** Columns over time, stacked, with a line of their names. Every column says its figures on pointing at it, and a table of them stands below for who cannot see or wants the numbers. */
export function Bars({ title, of, series, format, tableName }: { title: string; of: Bar[]; series: BarSeries[]; format: (value: number) => string; tableName: string }) {
  const most = Math.max(1e-9, ...of.map(bar => bar.values.reduce((sum, value) => sum + value, 0)));
  const step = Math.ceil(of.length / 8);
  return (
    <figure class="bars">
      <figcaption>
        {title}
        {series.map(each => (
          <span key={each.name} class="bars-name">
            <i class={`bars-key tone-${each.tone}`} aria-hidden="true" /> {each.name}
          </span>
        ))}
      </figcaption>
      <div class="bars-plot" aria-hidden="true">
        <span class="bars-most dim">{format(most)}</span>
        {of.map((bar, i) => (
          <div key={i} class="bars-column" title={`${bar.name ?? bar.label}: ${series.map((each, j) => `${each.name} ${format(bar.values[j] ?? 0)}`).join(', ')}`}>
            <div class="bars-stack">
              {bar.values.map((value, j) => (
                <div key={j} class={`tone-${series[j]!.tone}`} style={{ height: `${(100 * value) / most}%` }} />
              ))}
            </div>
            <span class="bars-label dim">{i % step === 0 ? bar.label : '\u00a0'}</span>
          </div>
        ))}
      </div>
      <details>
        <summary>{tableName}</summary>
        <div class="table" tabIndex={0} role="region" aria-label={title}>
          <table>
            <caption class="hidden">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{'\u00a0'}</th>
                {series.map(each => (
                  <th key={each.name} scope="col" class="number">
                    {each.name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {of.map((bar, i) => (
                <tr key={i}>
                  <th scope="row">{bar.name ?? bar.label}</th>
                  {bar.values.map((value, j) => (
                    <td key={j} class="number">
                      {format(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}

/** A share of a whole as a thin bar beside its number. */
export const Share = ({ of, tone, children }: { of: number; tone?: 'good' | 'late' | 'plain' | 'other'; children: ComponentChildren }) => (
  <span class="share">
    <span class="share-bar" aria-hidden="true">
      <span class={`tone-${tone ?? 'plain'}`} style={{ width: `${Math.min(100, Math.max(0, of * 100))}%` }} />
    </span>
    <span class="share-text">{children}</span>
  </span>
);
