import type { Text } from '../words/language';

/** Shapes of the API's answers that more than one page reads; a page's own stand beside it. */
export interface Me {
  name: string;
  role: 'member' | 'operator' | 'supervisor' | 'inspector' | 'administrator';
  department?: string;
  district: string;
  level: 'city' | 'district' | 'street';
}

export interface Named {
  id: string;
  name: Text;
}

export interface RecordField {
  id: string;
  name: Text;
  kind?: string;
  required?: boolean;
  choices?: (string | { code: string; name?: Text })[];
  when?: string[];
}

export interface Stage extends Named {
  outcomes?: { code: string; next?: string }[];
  coHandlerOutcomes?: string[];
  record?: RecordField[];
}

export interface Rulebook {
  version: number;
  city?: Text;
  districts: Named[];
  departments: Named[];
  outcomes: { code: string; name: Text; result?: string }[];
  workflows: (Named & { stages: Stage[] })[];
  rules: Record<string, unknown>[];
  [section: string]: unknown;
}

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface Reading {
  source: string;
  id: string;
  at: string;
}

export interface Warning {
  id: string;
  subject: string;
  subjectKind: string;
  kind: string;
  severity: number;
  confidence: number;
  model: string;
  rulebook: number;
  district: string;
  since: string;
  updated: string;
  count: number;
  open: boolean;
  live: boolean;
  explanation: Text;
  evidence: { readings: Reading[]; limit?: string; legalSource?: string; figures?: Record<string, number | string>; [more: string]: unknown };
  case?: string;
  scores?: { model: string; part: string; score: number; threshold?: number }[];
  handling?: Record<string, unknown>;
}

/** Something that a stage wants to be said as it ends. */
export interface RecordAsked {
  id: string;
  name: Text;
  choices?: string[];
  /** The outcomes that need it; absent for every one. */
  outcomes?: string[];
}

/** A work order as cases and lists show it. */
export interface WorkOrder {
  id: string;
  case: string;
  department: string;
  district: string;
  role: string;
  stage: string;
  state: string;
  subject: string;
  kind: string;
  severity: number;
  issued: string;
  deadline?: string;
  overdue: boolean;
  acceptedBy?: string;
  outcome?: string;
  note?: string;
  allowed: string[];
  assignee?: string;
  acceptBy?: string;
  request?: { kind: string; by: string; at: string; until: string; reason: string };
  parkedUntil?: string;
  extensions?: number;
  parkings?: number;
  offeredTo?: string[];
  record?: Record<string, string>;
  asks?: RecordAsked[];
  accepted?: string;
  finished?: string;
  finishedBy?: string;
  attached?: number;
}

export interface CaseRow {
  id: string;
  subject: string;
  subjectKind: string;
  kind: string;
  district: string;
  state: string;
  stage?: string;
  workflow: string;
  severity: number;
  confidence: number;
  lead: string;
  departments: string[];
  opened: string;
  closed?: string;
  outcome?: string;
  deadline?: string;
  overdue: boolean;
  warnings: number;
  workOrders: WorkOrder[];
  history: { at: string; what: string; by?: string; note?: string; workOrder?: string }[];
  warning?: Warning;
  reason?: string;
  chain?: { entries: number; head: string };
}

export interface Alert {
  number: number;
  type: string;
  department: string;
  district: string;
  case: string;
  workOrder?: string;
  subject: string;
  subjectKind: string;
  kind: string;
  severity: number;
  confidence: number;
  stage?: string;
  role: string;
  at: string;
  deadline?: string;
  explanation: Text;
}

export interface DistrictFigures {
  district: string;
  /** Open warnings by severity, 1 to 4. */
  warnings: [number, number, number, number];
  cases: number;
  overdue: number;
}

export interface CityFigures {
  districts: DistrictFigures[];
  bySeverity?: [number, number, number, number];
  overdue?: number;
  readingsPerSecond?: number | null;
  silentSources?: number | null;
  overloadRate?: { today: { weighed: number; over: number }; weekAgo: { weighed: number; over: number } } | null;
}
