import { computed, signal } from '@preact/signals';
import { call, query, Refused } from '../../api/client';
import { wantsReason, withWhy } from '../../parts/why';
import type { Text } from '../../words/language';

/** What stands somewhere in the city. */
export type PointType = 'station' | 'camera' | 'enterprise' | 'truck' | 'case';

export interface Point {
  type: PointType;
  id: string;
  name?: Text;
  lat: number;
  lon: number;
  district?: string;
  state?: string;
  severity?: number;
  kind?: string;
  subject?: string;
  subjectKind?: string;
  atMs?: number;
  deadlineMs?: number;
  overdue?: boolean;
  speedKmh?: number;
}

export const TYPES: PointType[] = ['case', 'truck', 'enterprise', 'station', 'camera'];

/** What stands where it stands, and what moves or comes and goes: the first may be a hundred thousand points and is read seldom. Null until they came. */
export const fixed = signal<Point[] | null>(null);
export const moving = signal<Point[] | null>(null);

/** Enterprises by id with the name of the register, for lists that have only the id. */
export const enterpriseNames = computed(() => new Map((fixed.value ?? []).flatMap(point => (point.type === 'enterprise' && point.name ? [[point.id, point.name] as const] : []))));

/** Why the points cannot be shown; null while they can. */
export const pointsError = signal<Refused | null>(null);

/** Under which the reason to look at the trucks is kept, where the server wants one. */
export const MAP = '/api/map';

/** True where trucks are shown only to those who say why they look. */
export const asksReason = signal(false);

const MOVING_MS = 10_000;
const FIXED_MS = 300_000;

async function read(types: string, tag: { last: string }, stop: AbortSignal): Promise<Point[] | null> {
  try {
    const response = await call(withWhy(MAP, `/api/map${query({ types })}`), { signal: stop, headers: tag.last ? { 'If-None-Match': tag.last } : {} });
    tag.last = response.headers.get('ETag') ?? '';
    return ((await response.json()) as { points: Point[] }).points;
  } catch (error) {
    if (error instanceof Refused && error.status === 304) return null;
    throw error;
  }
}

/** Keeps the points current until the signal ends it. */
export function followPoints(stop: AbortSignal): void {
  const keep = (types: string, into: typeof fixed, everyMs: number) => {
    const tag = { last: '' };
    const turn = async () => {
      if (stop.aborted) return;
      let wait = everyMs;
      if (!document.hidden || into.peek() === null) {
        try {
          const points = await read(types, tag, stop).catch(error => {
            if (!types.includes('truck') || !(error instanceof Refused) || !wantsReason(error)) throw error;
            // Everything else is nobody's whereabouts.
            asksReason.value = true;
            return read('case', { last: '' }, stop);
          });
          if (points && !stop.aborted) into.value = points;
          pointsError.value = null;
        } catch (error) {
          if (stop.aborted) return;
          pointsError.value = error instanceof Refused ? error : new Refused(0, '');
          wait = MOVING_MS;
        }
      }
      if (!stop.aborted) setTimeout(turn, wait);
    };
    void turn();
  };
  keep('truck,case', moving, MOVING_MS);
  keep('station,camera,enterprise', fixed, FIXED_MS);
}
