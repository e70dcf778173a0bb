import { signal } from '@preact/signals';
import { follow } from '../api/stream';
import type { CityFigures } from '../api/types';

/** What is open in the city, or in the part of it that this person sees; null until it came. */
export const figures = signal<CityFigures | null>(null);

/** True while the server can be heard. The figures come at least every few seconds, so their stream is the pulse of the whole console. */
export const connected = signal(true);

/** Since when it cannot be heard, ms; null while it can. */
export const lostMs = signal<number | null>(null);

/** Counts up each time the connection is back: whoever shows a list reads it again then. */
export const healed = signal(0);

export function followFigures(signal: AbortSignal): void {
  void follow(
    '/api/city/figures/live',
    {
      message: data => {
        figures.value = JSON.parse(data);
      },
      connected: on => {
        if (on && !connected.peek()) healed.value++;
        connected.value = on;
        lostMs.value = on ? null : (lostMs.peek() ?? Date.now());
      },
    },
    signal,
  );
}
