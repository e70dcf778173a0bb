import type { Warning } from '../../api/types';
import type { SubjectState } from '../../parts/subject';

/** What the API says of an enterprise. Masses of ledgers are grams there. */
export interface Account {
  lines: number;
  producedG: number;
  purchasedG: number;
  usedG: number;
  shippedG: number;
  receivedG: number;
  storedG: number;
  disposedG: number;
}

export interface Unit {
  unit: string;
  substance?: string;
  last: { at: string; source: string; pressureKpa?: number; temperatureC?: number; levelPct?: number; massKg?: number; gasPpm?: number; gasPctLel?: number; valve?: string };
  alarms: Record<string, string>;
  readings: number;
  late: number;
}

export interface EnterpriseState extends SubjectState {
  units: Unit[];
  furtherUnits?: number;
  ledger: { lines: number; lastAt?: string; substances: Record<string, Account>; furtherSubstances?: number };
  registered?: { from?: string; to?: string; peopleWithin500M?: number; majorHazardLevel?: number }[];
  substancePermits?: number;
  registeredTanks?: number;
  stored?: Record<string, { tanksG?: number; tanks?: number; ledgerG?: number; expectedG?: number; differenceG?: number }>;
  shipments?: { open: number; received: number; lost: number; short: number; receiverDoesNotReport: number };
  stopOrders?: { case: string; from: string; lifted?: string }[];
  waste?: Record<string, { keptG: number; since: string }>;
  events?: Record<string, number>;
  lastEvent?: { at: string; source: string; event: string; confidence: number; position?: { lat: number; lon: number } };
  openWarnings: Warning[];
}

/** A row of a register as its list has it. */
export interface EntryRow {
  register: string;
  key: string;
  spans: { from?: string; to?: string; values?: Record<string, unknown>; fields?: Record<string, unknown> }[];
  differs: boolean;
}

/** What an entry says at a time: the span that holds then, or the last. */
export function held(row: EntryRow, ms: number): { values: Record<string, unknown>; from?: string; to?: string } {
  const span = row.spans.find(each => (!each.from || Date.parse(each.from) <= ms) && (!each.to || ms < Date.parse(each.to))) ?? row.spans[row.spans.length - 1];
  return { values: span?.values ?? span?.fields ?? {}, from: span?.from, to: span?.to };
}
