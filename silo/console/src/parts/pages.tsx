import { useRef } from 'preact/hooks';
import { get, part } from '../api/client';
import { words } from '../words/language';
import { type Loaded, useLoad } from './load';

const w = words({ more: 'Show more' }, { more: '显示更多' });

export interface Pages<T> {
  items: T[];
  /** True where the server has more than was read. */
  more: boolean;
}

export type LoadedPages<T> = Loaded<Pages<T>> & { readMore: () => void };

/** Never more rows than this in one list on the screen: whoever needs a later one has filters. */
const MOST_ROWS = 2000;

/**
 * A list that is read page by page, 100 rows at first. "More" reads one page further; a later reading reads as many pages anew, so that what came first in the meantime stands first.
 * @param path The list's address with its filters; another address begins anew. Null reads nothing.
 * @param from What the list calls the place where a page begins.
 */
export function usePages<T>(path: string | null, everyMs?: number, rows = 100, from = 'after'): LoadedPages<T> {
  const most = useRef({ path, rows });
  if (most.current.path !== path) most.current = { path, rows };
  const loaded = useLoad<Pages<T>>(
    path,
    async signal => {
      const items: T[] = [];
      let after: string | null | undefined;
      do {
        const page = await get<{ items: T[]; next?: string | null }>(`${path}${path!.includes('?') ? '&' : '?'}limit=${rows}${after ? `&${from}=${part(after)}` : ''}`, signal);
        items.push(...page.items);
        after = page.next;
      } while (after && items.length < most.current.rows);
      return { items, more: !!after && items.length < MOST_ROWS };
    },
    everyMs,
  );
  return {
    ...loaded,
    readMore: () => {
      most.current.rows += rows;
      loaded.reload();
    },
  };
}

export const More = ({ of }: { of: Pick<LoadedPages<unknown>, 'value' | 'readMore' | 'loading'> }) =>
  of.value?.more ? (
    <p class="buttons">
      <button data-test="more" onClick={of.readMore} disabled={of.loading}>
        {w('more')}
      </button>
    </p>
  ) : null;
