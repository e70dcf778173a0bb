import type { ComponentChildren } from 'preact';
import { nowMs } from '../app/session';
import { clock, severityName, span, stateName, words } from '../words/language';

const w = words(
  { ago: (t: string) => `${t} ago`, left: (t: string) => `${t} left`, late: (t: string) => `OVERDUE by ${t}`, none: 'no deadline' },
  { ago: t => `${t}前`, left: t => `剩余${t}`, late: t => `已逾期${t}`, none: '无时限' },
);

const NEAR_MS = 2 * 3_600_000;

/** The severity as a word on its colour: never a colour alone. */
export const Severity = ({ of }: { of: number }) => <span class={`badge s${of}`}>{severityName(of)}</span>;

export const State = ({ of }: { of: string }) => <span class={`tag state-${of}`}>{stateName(of)}</span>;

/** How long ago; the time itself on pointing at it. */
export const Age = ({ at }: { at: string }) => (
  <time dateTime={at} title={clock(at)}>
    {w('ago', span(Math.max(0, nowMs.value - Date.parse(at))))}
  </time>
);

export const At = ({ at }: { at: string | number }) => <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>;

/** How long is left until a deadline, or since when it is over. */
export function Deadline({ at }: { at?: string | null }) {
  if (!at) return <span class="dim">{w('none')}</span>;
  const left = Date.parse(at) - nowMs.value;
  return (
    <time dateTime={at} title={clock(at)} class={left < 0 ? 'late' : left < NEAR_MS ? 'soon' : ''}>
      {left < 0 ? w('late', span(left)) : w('left', span(left))}
    </time>
  );
}

/** A figure with its name, for strips of figures. */
export const Figure = ({ name, value, tone, href, title }: { name: string; value: ComponentChildren; tone?: string; href?: string; title?: string }) => {
  const inside = (
    <>
      <span class="figure-value">{value}</span>
      <span class="figure-name">{name}</span>
    </>
  );
  return href ? (
    <a class={`figure ${tone ?? ''}`} href={href} title={title}>
      {inside}
    </a>
  ) : (
    <div class={`figure ${tone ?? ''}`} title={title}>
      {inside}
    </div>
  );
};

export const Panel = ({ title, actions, children, class: more }: { title?: ComponentChildren; actions?: ComponentChildren; children: ComponentChildren; class?: string }) => (
  <section class={`panel ${more ?? ''}`}>
    {(title || actions) && (
      <div class="panel-head">
        {title && <h2>{title}</h2>}
        <span class="grow" />
        {actions}
      </div>
    )}
    {children}
  </section>
);

/** Names and values, as on a form. */
export const Facts = ({ of }: { of: [string, ComponentChildren][] }) => (
  <dl class="facts">
    {of
      .filter(([, value]) => value !== null && value !== undefined && value !== '')
      .map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
  </dl>
);

/** A table that scrolls by itself where it is wider than its place. */
export const Table = ({ head, caption, children }: { head: ComponentChildren[]; caption?: string; children: ComponentChildren }) => (
  <div class="table" tabIndex={0} role="region" aria-label={caption}>
    <table>
      {caption && <caption class="hidden">{caption}</caption>}
      <thead>
        <tr>
          {/* A column of buttons has no name, and an empty heading is none. */}
          {head.map((cell, i) =>
            cell === '' ? (
              <td key={i} />
            ) : (
              <th key={i} scope="col">
                {cell}
              </th>
            ),
          )}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
);

export const Tabs = ({ of, chosen, choose }: { of: [string, ComponentChildren][]; chosen: string; choose: (id: string) => void }) => (
  <div class="tabs" role="tablist">
    {of.map(([id, name]) => (
      <button key={id} role="tab" aria-selected={id === chosen} class={id === chosen ? 'chosen' : ''} onClick={() => choose(id)}>
        {name}
      </button>
    ))}
  </div>
);
