import { words } from '../words/language';

const w = words({ limit: (t: string) => `limit ${t}`, over: 'OVER' }, { limit: t => `限值${t}`, over: '超限' });

export interface Bound {
  value: number;
  text: string;
  name?: string;
}

/** One value against its limits as a bar: it is full at the uppermost of them and what is beyond. A value over a limit says so in words too. */
export function LimitBar({ name, value, text, limits, from = 0 }: { name: string; value: number; text: string; limits: Bound[]; from?: number }) {
  const uppermost = Math.max(value, ...limits.map(each => each.value), from + 1e-9);
  const full = from + (uppermost - from) * 1.08;
  const share = (of: number) => Math.max(0, Math.min(1, (of - from) / (full - from))) * 100;
  const first = limits.length > 0 ? Math.min(...limits.map(each => each.value)) : Number.POSITIVE_INFINITY;
  const state = value > first ? 'over' : value > from + (first - from) * 0.9 ? 'near' : '';
  const said = limits.map(each => `${each.name ? `${each.name} ` : ''}${each.text}`).join(' / ');
  return (
    <div class={`limit-bar ${state}`}>
      <span>{name}</span>
      <div class="track" role="img" aria-label={`${name} ${text}${said ? `, ${w('limit', said)}` : ''}`}>
        <i style={{ width: `${share(value)}%` }} />
        {limits.map(each => (
          <b key={each.value} style={{ left: `${share(each.value)}%` }} title={`${each.name ?? ''} ${each.text}`} />
        ))}
      </div>
      <span class="value">
        {text}
        {state === 'over' && <> · {w('over')}</>}
      </span>
      {said && <small class="bounds dim">{limits.some(each => each.name) ? said : w('limit', said)}</small>}
    </div>
  );
}
