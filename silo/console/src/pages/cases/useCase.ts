import { useEffect, useRef } from 'preact/hooks';
import { get, part, query } from '../../api/client';
import type { Page } from '../../api/types';
import { figures } from '../../app/figures';
import { type Loaded, useLoad } from '../../parts/load';
import { look } from '../../parts/why';
import type { Case, Order } from './model';

const LOOK_EVERY_MS = 3000;

/** What of work orders is seen to have changed: the rest of a case changes with one of these. */
const print = (orders: Order[]) =>
  orders
    .map(order => `${order.id}/${order.state}/${order.assignee ?? ''}/${order.deadline ?? ''}/${order.overdue}/${order.request?.kind ?? ''}/${order.severity}/${order.attached ?? 0}`)
    .sort()
    .join(' ');

/**
 * A case that shows what others do with it. Reading a case is a look, which the audit keeps, so it is not read again and again: whether its work orders changed is asked of their list, after something in the city's figures did, and only then the case itself. Who hears of it otherwise counts `nudge` up.
 */
export function useCase(id: string, nudge = 0): Loaded<Case> {
  const loaded = useLoad<Case>(`case/${id}`, signal => look<Case>(id, `/api/cases/${part(id)}`, signal));
  const latest = useRef(loaded);
  latest.current = loaded;
  const first = useRef(nudge);
  useEffect(() => {
    if (nudge !== first.current) latest.current.reload();
  }, [nudge]);
  useEffect(() => {
    const stop = new AbortController();
    let asked = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let seen = '';
    const look = async () => {
      timer = undefined;
      asked = Date.now();
      const shown = latest.current.value;
      if (!shown || document.hidden) return;
      const now = (await get<Page<Order>>(`/api/workorders${query({ case: id, limit: 100 })}`, stop.signal).catch(() => null))?.items;
      if (!now || stop.signal.aborted) return;
      const fresh = print(now);
      const known = print(shown.workOrders.filter(order => now.some(other => other.id === order.id)));
      if (fresh !== known && fresh !== seen) latest.current.reload();
      // What is told once and differs all the same is not a reason to read on and on.
      seen = fresh;
    };
    const unsubscribe = figures.subscribe(() => {
      timer ??= setTimeout(look, Math.max(0, LOOK_EVERY_MS - (Date.now() - asked)));
    });
    return () => {
      unsubscribe();
      clearTimeout(timer);
      stop.abort();
    };
  }, [id]);
  return loaded;
}
