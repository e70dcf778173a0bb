import { useEffect, useState } from 'preact/hooks';
import { get, query, Refused } from '../../api/client';
import type { CaseRow, Page, Warning } from '../../api/types';
import { figures, healed } from '../../app/figures';
import { district } from '../../app/session';
import { moving } from './points';

export interface AlertRow {
  warning: Warning;
  case?: string;
  deadline?: string;
  isNew: boolean;
}

/** However many alerts come, the list is read again at most this often, and never before the reading before has been answered. */
const LEAST_MS = 1000;
const MOST_MS = 20_000;
const CASES_MS = 4000;
const SHOWN = 40;

interface Case {
  id: string;
  deadline?: string;
}

/** Newest open warnings with their cases. `null` until the first came. */
export function useAlerts(): { rows: AlertRow[] | null; error: Refused | null } {
  const [state, setState] = useState<{ rows: AlertRow[] | null; error: Refused | null }>({ rows: null, error: null });
  const where = district.value;
  useEffect(() => {
    const stop = new AbortController();
    let asked = 0;
    let casesAsked = 0;
    let busy = false;
    let dirty = true;
    let seen: Set<string> | null = null;
    let items: Warning[] = [];
    const cases = new Map<string, Case>();
    const keyOf = (subject: string, kind: string) => `${subject}/${kind}`;

    const show = () => {
      const before = seen;
      setState({
        rows: items.map(warning => {
          const found = warning.case ? { id: warning.case } : (cases.get(warning.id) ?? cases.get(keyOf(warning.subject, warning.kind)));
          return { warning, case: found?.id, deadline: found && 'deadline' in found ? found.deadline : undefined, isNew: before !== null && !before.has(warning.id) };
        }),
        error: null,
      });
      seen = new Set(items.map(each => each.id));
    };

    const readCases = async () => {
      casesAsked = Date.now();
      const page = await get<Page<CaseRow>>(`/api/cases${query({ open: true, limit: 60, district: where })}`, stop.signal).catch(() => null);
      if (!page) return;
      cases.clear();
      for (const point of moving.peek() ?? []) {
        if (point.type === 'case' && point.subject && point.kind) cases.set(keyOf(point.subject, point.kind), { id: point.id, deadline: point.deadlineMs ? new Date(point.deadlineMs).toISOString() : undefined });
      }
      for (const row of page.items) {
        const own = { id: row.id, deadline: row.deadline };
        cases.set(keyOf(row.subject, row.kind), own);
        if (row.warning) cases.set(row.warning.id, own);
      }
    };

    const read = async () => {
      busy = true;
      dirty = false;
      asked = Date.now();
      try {
        items = (await get<Page<Warning>>(`/api/warnings${query({ open: true, limit: SHOWN, district: where })}`, stop.signal)).items;
        show();
        const lacking = items.some(each => !each.case && !cases.has(each.id) && !cases.has(keyOf(each.subject, each.kind)));
        if (lacking && Date.now() - casesAsked >= CASES_MS) {
          await readCases();
          if (!stop.signal.aborted) show();
        }
      } catch (error) {
        if (!stop.signal.aborted) setState(before => ({ ...before, error: error instanceof Refused ? error : new Refused(0, '') }));
      } finally {
        busy = false;
      }
    };

    let last = '';
    const forget = [
      figures.subscribe(value => {
        const now = JSON.stringify(value?.districts ?? null);
        dirty ||= now !== last;
        last = now;
      }),
      healed.subscribe(() => {
        dirty = true;
      }),
    ];
    void read();
    const timer = setInterval(() => {
      const since = Date.now() - asked;
      if (!busy && !document.hidden && ((dirty && since >= LEAST_MS) || since >= MOST_MS)) void read();
    }, 250);
    return () => {
      stop.abort();
      clearInterval(timer);
      for (const each of forget) each();
    };
  }, [where]);
  return state;
}
