import { useEffect, useRef, useState } from 'preact/hooks';
import { query } from '../../api/client';
import type { Page } from '../../api/types';
import { figures } from '../../app/figures';
import { useLoad } from '../../parts/load';
import { look } from '../../parts/why';
import type { Case } from './model';

/** Under which the reason to look through cases is kept, where a filter is a look at somebody. */
export const LIST = 'cases';
const PAGE = 100;
const MOST = 500;
const AGAIN_MS = 2000;
/** Who looks for a text looks for something: it is read again less often, also since a whole plate is a look that the audit keeps. */
const AGAIN_WITH_TEXT_MS = 30_000;
/** While somebody types, the list waits. */
const SETTLE_MS = 250;

/** Reads on by `next` until so many rows are there. */
async function pages(filters: Record<string, string | undefined>, rows: number, signal: AbortSignal): Promise<Page<Case>> {
  const items: Case[] = [];
  let next: string | undefined;
  do {
    const page: Page<Case> = await look(LIST, `/api/cases${query({ ...filters, limit: PAGE, after: next })}`, signal);
    items.push(...page.items);
    next = page.next ?? undefined;
  } while (next && items.length < rows);
  return { items, next };
}

/** The filters once the text has stood for a moment; all others at once. */
function useSettled(wanted: Record<string, string | undefined>): Record<string, string | undefined> {
  const [text, setText] = useState(wanted.q);
  useEffect(() => {
    if (wanted.q === text) return;
    const timer = setTimeout(() => setText(wanted.q), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [wanted.q, text]);
  return { ...wanted, q: text };
}

/**
 * Cases page by page, filtered and put in order by the server, kept current: when the city's figures change, what is shown is read again, at most every two seconds a page. Bounded: beyond five hundred the filters are to be used.
 */
export function useCases(wanted: Record<string, string | undefined>, first = PAGE) {
  const filters = useSettled(wanted);
  const key = query(filters);
  const [many, setMany] = useState({ key, rows: first });
  const rows = many.key === key ? many.rows : first;
  const loaded = useLoad<Page<Case>>(`cases${key}/${rows}`, signal => pages(filters, rows, signal));
  // What was read stays while more of the same list is read.
  const kept = useRef<{ key: string; value: Page<Case> } | null>(null);
  if (loaded.value) kept.current = { key, value: loaded.value };
  const value = loaded.value ?? (kept.current?.key === key ? kept.current.value : null);
  const pagesShown = useRef(1);
  pagesShown.current = Math.max(1, Math.ceil(rows / PAGE));
  const everyMs = useRef(AGAIN_MS);
  everyMs.current = filters.q ? AGAIN_WITH_TEXT_MS : AGAIN_MS * pagesShown.current;
  const reload = useRef(loaded.reload);
  reload.current = loaded.reload;
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let before = figures.peek();
    const unsubscribe = figures.subscribe(now => {
      // The first figures, and the ones that are there already, are no change.
      if (now === before) return;
      const same = before && now && JSON.stringify(before.districts) === JSON.stringify(now.districts);
      before = now;
      if (!same) timer ??= setTimeout(again, everyMs.current);
    });
    const again = () => {
      timer = undefined;
      if (!document.hidden) reload.current();
    };
    return () => {
      unsubscribe();
      clearTimeout(timer);
    };
  }, []);
  const more = value?.next && rows < MOST ? () => setMany({ key, rows: Math.min(MOST, rows + PAGE) }) : null;
  return { loaded: { ...loaded, value, error: loaded.error }, more, atMost: !!value?.next && rows >= MOST };
}
