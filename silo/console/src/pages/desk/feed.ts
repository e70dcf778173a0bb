import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Refused, get, part, query } from '../../api/client';
import { follow } from '../../api/stream';
import type { Alert, Page } from '../../api/types';
import { type Case, type Order, actionsOf, isOpenOrder } from '../cases/model';

/** What a department hears; `live` is false where the reading behind it came in late: nothing to be woken for. */
export type DeskAlert = Alert & { live?: boolean };

/** Rows that are read at most, those that are due first; a department with more of them narrows them down by district. */
export const QUEUE_MOST = 500;
const TOLD_MOST = 50;
const FRESH_MS = 15_000;
/** Redraws and reads are gathered for so long: a hundred alerts at once are one reading and one drawing. */
const GATHER_MS = 400;
/** Under a storm the lists are read no more often than this. */
const READ_EVERY_MS = 1000;
/** So long the list waits for the stream, since what is read before it would have to be read again. */
const STREAM_MS = 1500;
/** From so many changed rows on, the whole list is one call instead of many. */
const SINGLY_MOST = 6;
/** These say that somebody has to decide, or may claim. */
const DECISIONS = ['requested', 'approved', 'refused', 'offered', 'claimed', 'gap'];

export interface Decision {
  order: Order;
  of: Case;
  /** To be decided, or to be claimed. */
  what: 'decide' | 'claim';
}

/**
 * A department's queue, live. An alert only says which row is to be read again: the queue is always what the lists say, so an alert that is missed or comes twice does no harm. The list is read once the stream is open, and again after each
 * reconnection, so nothing falls between the two.
 */
export function useDesk(department: string, district: string, heard: (alert: DeskAlert) => void) {
  const rows = useSignal<ReadonlyMap<string, Order> | null>(null);
  const fresh = useSignal<ReadonlySet<string>>(new Set());
  const told = useSignal<DeskAlert[]>([]);
  const decisions = useSignal<Decision[]>([]);
  const error = useSignal<Refused | null>(null);
  const nudges = useSignal<ReadonlyMap<string, number>>(new Map());
  const hears = useRef(heard);
  hears.current = heard;
  const touch = useRef<(order: Order | null) => void>(() => {});

  useEffect(() => {
    rows.value = null;
    fresh.value = new Set();
    told.value = [];
    decisions.value = [];
    error.value = null;
    if (!department) return;
    const stop = new AbortController();
    const filter = { department, district: district === '*' ? undefined : district };
    let pending = new Set<string>();
    let whole = true;
    let asked = true;
    let came: DeskAlert[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    let read = 0;
    const gather = () => {
      if (!busy) timer ??= setTimeout(() => void flush(), rows.value === null ? 0 : Math.max(GATHER_MS, read + READ_EVERY_MS - Date.now()));
    };

    const show = (next: Map<string, Order>, known: ReadonlyMap<string, Order> | null) => {
      rows.value = next;
      const added = known ? [...next.keys()].filter(id => !known.has(id)) : [];
      // What has left the list is not new in it: in a storm that would be far more than the list has.
      const marked = new Set([...[...fresh.value].filter(id => next.has(id)), ...added]);
      if (!added.length && marked.size === fresh.value.size) return;
      fresh.value = marked;
      if (!added.length) return;
      setTimeout(() => {
        const left = new Set(fresh.value);
        added.forEach(id => left.delete(id));
        fresh.value = left;
      }, FRESH_MS);
    };

    const flush = async () => {
      timer = undefined;
      busy = true;
      read = Date.now();
      const [ids, all, decide, alerts] = [pending, whole || pending.size > SINGLY_MOST, asked, came];
      pending = new Set();
      whole = asked = false;
      came = [];
      if (alerts.length) {
        told.value = [...alerts.reverse(), ...told.value].slice(0, TOLD_MOST);
        const counted = new Map(nudges.value);
        for (const alert of alerts) counted.set(alert.case, (counted.get(alert.case) ?? 0) + 1);
        // Only the cases heard of last matter: the page shows one.
        nudges.value = new Map([...counted].slice(-200));
      }
      try {
        const known = rows.value;
        if (all) {
          // What is due first, in one page: however much there is, that is what stands at the top.
          const orders = (await get<Page<Order>>(`/api/workorders${query({ ...filter, open: true, order: 'deadline', limit: QUEUE_MOST })}`, stop.signal)).items;
          show(new Map(orders.map(order => [order.id, order])), known);
        } else if (ids.size) {
          const found = await Promise.all(
            [...ids].map(id =>
              get<Order>(`/api/workorders/${part(id)}`, stop.signal).catch(refused => {
                if (refused instanceof Refused && refused.status === 404) return null;
                throw refused;
              }),
            ),
          );
          const next = new Map(rows.value ?? []);
          [...ids].forEach((id, i) => {
            const order = found[i];
            if (order && isOpenOrder(order) && order.department === department) next.set(id, order);
            else next.delete(id);
          });
          show(next, known);
        }
        if (decide) {
          const cases = (await get<Page<Case>>(`/api/cases${query({ ...filter, open: true, limit: 200 })}`, stop.signal)).items;
          decisions.value = cases.flatMap(of =>
            of.workOrders.flatMap((order): Decision[] =>
              order.request && actionsOf(order, of.lead).includes('approve') && (order.department !== department || department === 'command-centre')
                ? [{ order, of, what: 'decide' }]
                : order.offeredTo?.includes(department) && order.state === 'issued'
                  ? [{ order, of, what: 'claim' }]
                  : [],
            ),
          );
        }
        error.value = null;
      } catch (refused) {
        if (stop.signal.aborted) return;
        error.value = refused instanceof Refused ? refused : new Refused(0, '');
        // What could not be read is read with the next thing that comes, or after a while.
        whole = whole || all || ids.size > 0;
        asked = asked || decide;
        setTimeout(() => !stop.signal.aborted && gather(), 5000);
      }
      busy = false;
      if (pending.size || (whole && !error.value) || came.length) gather();
    };

    touch.current = order => {
      if (order && order.department === department && rows.value) {
        const next = new Map(rows.value);
        if (isOpenOrder(order)) next.set(order.id, order);
        else next.delete(order.id);
        show(next, rows.value);
      }
      whole = true;
      asked = true;
      gather();
    };
    void follow(
      `/api/departments/${part(department)}/alerts${query({ district })}`,
      {
        opened: () => {
          whole = asked = true;
          gather();
        },
        message: data => {
          const alert = JSON.parse(data) as DeskAlert;
          if (alert.type === 'gap') whole = true;
          else if (alert.workOrder) pending.add(alert.workOrder);
          asked ||= DECISIONS.includes(alert.type);
          came.push(alert);
          if (came.length > TOLD_MOST) came.shift();
          hears.current(alert);
          gather();
        },
      },
      stop.signal,
    );
    // The list does not wait for the stream: where that cannot be had, what is to be done is shown all the same.
    const alone = setTimeout(() => rows.value === null && gather(), STREAM_MS);
    return () => {
      stop.abort();
      clearTimeout(alone);
      clearTimeout(timer);
    };
  }, [department, district]);

  return { rows, fresh, told, decisions, error, nudges, touch: (order: Order | null) => touch.current(order) };
}
