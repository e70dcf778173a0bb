import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

const MOST = 500;

/** The cases that are gone through one after the other: what the list showed last, in its order. A reload does not lose it. */
export const review = signal<{ ids: string[]; from: string }>(read());

function read(): { ids: string[]; from: string } {
  try {
    const kept = JSON.parse(sessionStorage.getItem('review') ?? '');
    return Array.isArray(kept?.ids) ? kept : { ids: [], from: '/cases' };
  } catch {
    return { ids: [], from: '/cases' };
  }
}

/** Remembers the list that a case is opened from, and its address, to come back to it with its filters. */
export function reviewFrom(ids: string[], from = location.pathname + location.search): void {
  review.value = { ids: ids.slice(0, MOST), from };
  sessionStorage.setItem('review', JSON.stringify(review.value));
}

/** Where a case stands in the list, from 1, and what is before and behind it; null where it is not in it. */
export function placeOf(id: string): { at: number; of: number; next?: string; previous?: string } | null {
  const at = review.value.ids.indexOf(id);
  return at < 0 ? null : { at: at + 1, of: review.value.ids.length, next: review.value.ids[at + 1], previous: review.value.ids[at - 1] };
}

/** To go on by itself once a case is completed or returned, for whoever has two hundred of them. */
export const goesOn = signal(localStorage.getItem('review-goes-on') === 'yes');
goesOn.subscribe(on => localStorage.setItem('review-goes-on', on ? 'yes' : 'no'));

/** Single letters as keys can be switched off: a voice or a hand that meets them by accident would act. Kept on this machine. */
export const keysOn = signal(localStorage.getItem('keys') !== 'no');
keysOn.subscribe(on => localStorage.setItem('keys', on ? 'yes' : 'no'));

/** The case that was looked at last, to be found again in the list. */
export const lastSeen = { id: '' };

/** Keys of a page, by their letter. Not while somebody types, nor over an open window, nor with a key that the browser has its own use for. */
export function useKeys(keys: Record<string, (() => void) | undefined>): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!keysOn.peek()) return;
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
      if ((event.target as Element).closest?.('input, textarea, select, [contenteditable="true"]') || document.querySelector('dialog[open]')) return;
      // What has the focus keeps its own Enter.
      if (event.key === 'Enter' && (event.target as Element).closest?.('a, button, summary')) return;
      const act = latest.current[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
