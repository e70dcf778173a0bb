import { useEffect, useState } from 'preact/hooks';
import { get, part, query } from '../../api/client';
import type { Page } from '../../api/types';
import type { HistoryEntry } from '../../parts/history';
import { chosenTime } from '../../parts/subject';
import { look, reasonOf } from '../../parts/why';

/** How far back curves and track go. */
const SPAN_MS = 24 * 3_600_000;
const PAGE = 1000;

/** A vehicle that reports each five seconds has 17,280 readings a day; more than these are not read, and the page says from when on they are. */
const MOST_READINGS = 18_000;

export interface Fix {
  ms: number;
  lon: number;
  lat: number;
  by: 'telemetry' | 'video' | 'weigh';
  source: string;
  speedKmh?: number;
}

export interface Day {
  /** Telemetry, oldest first. */
  seconds: number[];
  figures: Record<string, (number | null)[]>;
  fixes: Fix[];
  fromMs: number;
  done: boolean;
}

const NONE: Day = { seconds: [], figures: {}, fixes: [], fromMs: 0, done: false };
const MEASURED = ['pressureKpa', 'temperatureC', 'levelPct', 'gasPpm', 'gasPctLel'];

/** Where stations stand does not change while somebody looks. */
const stations: Record<string, Promise<{ latitude?: number; longitude?: number } | null>> = {};
const station = (id: string) => (stations[id] ??= get<{ latitude?: number; longitude?: number }>(`/api/sources/${part(id)}`).catch(() => null));

async function dayOf(items: HistoryEntry[], done: boolean): Promise<Day> {
  const times = items.map(item => ({ item, ms: Date.parse(item.at ?? item.received) })).sort((a, b) => a.ms - b.ms);
  const day: Day = { seconds: [], figures: {}, fixes: [], fromMs: times[0]?.ms ?? 0, done };
  for (const name of MEASURED) day.figures[name] = [];
  for (const { item, ms } of times) {
    const figures = item.figures ?? {};
    if (item.kind === 'telemetry') {
      day.seconds.push(ms / 1000);
      for (const name of MEASURED) day.figures[name].push(typeof figures[name] === 'number' ? (figures[name] as number) : null);
    }
    if (typeof figures.latitude === 'number' && typeof figures.longitude === 'number') {
      day.fixes.push({ ms, lat: figures.latitude, lon: figures.longitude, by: item.kind === 'telemetry' ? 'telemetry' : 'video', source: item.source ?? '', speedKmh: figures.speedKmh as number | undefined });
    } else if (item.kind === 'weigh' && item.source) {
      const at = await station(item.source);
      if (at?.latitude && at.longitude) day.fixes.push({ ms, lat: at.latitude, lon: at.longitude, by: 'weigh', source: item.source, speedKmh: figures.speedKmh as number | undefined });
    }
  }
  return day;
}

/** The last day's readings of a vehicle up to now or to the chosen time: what is there is shown at once, the rest as it comes. */
export function useDay(base: string, ready: boolean): Day & { error: boolean } {
  const at = chosenTime();
  const key = ready ? `${base} ${at} ${reasonOf(base)}` : '';
  const [state, setState] = useState<Day & { key: string; error: boolean }>({ ...NONE, key: '', error: false });
  useEffect(() => {
    if (!key) return;
    const stop = new AbortController();
    const to = at ? Date.parse(at) : Date.now();
    (async () => {
      const items: HistoryEntry[] = [];
      let cursor: string | null | undefined;
      do {
        const page: Page<HistoryEntry> = await look(base, `${base}/history${query({ kinds: 'weigh,video,telemetry', from: new Date(to - SPAN_MS).toISOString(), to: at, limit: PAGE, cursor })}`, stop.signal);
        items.push(...page.items);
        cursor = page.next;
        const day = await dayOf(items, !cursor);
        if (stop.signal.aborted) return;
        setState({ ...day, key, error: false });
      } while (cursor && items.length < MOST_READINGS);
    })().catch(() => !stop.signal.aborted && setState(before => ({ ...(before.key === key ? before : NONE), key, error: true })));
    return () => stop.abort();
  }, [key]);
  return state.key === key ? state : { ...NONE, error: false };
}
