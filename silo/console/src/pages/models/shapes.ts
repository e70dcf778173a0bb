/** What the API says of learned models. */
export interface Metrics {
  precision?: number | null;
  recall?: number | null;
  auc?: number | null;
  brier?: number | null;
}

export interface Part {
  model: string;
  inForce: boolean;
  threshold?: number;
  by: string;
  since?: string;
  reason?: string;
  overridden?: boolean;
}

export interface Kind {
  kind: string;
  task: 'confidence' | 'anomaly';
  judge: Part | null;
  shadow: Part | null;
  namedByFiles?: string | null;
  earlier: { model: string | null; by: string; since?: string; reason?: string }[];
}

export interface Model {
  model: string;
  kind: string | null;
  origin: 'shipped' | 'uploaded';
  by?: string;
  at?: string;
  part: 'judge' | 'shadow' | null;
  usable: boolean;
  algorithm?: string;
  threshold?: number;
  card?: Metrics & { trainer: string; trainerDetail: string; date: string; data: string | null; dataSha256: string; trainedRows: number; trainedPositives: number; comparedRows: number; comparedPositives: number };
}

export interface Answer {
  kinds: Kind[];
  items: Model[];
}

export interface Comparison {
  kind: string;
  from: string;
  closed: number;
  cut: boolean;
  unlabelled: number;
  unscored: number;
  cases: number;
  foundTrue: number;
  foundFalse: number;
  models: (Metrics & {
    model: string | null;
    part: 'judge' | 'shadow';
    threshold: number;
    calibration: { from: number; cases: number; foundTrue: number; meanScore: number }[];
    stations: (Metrics & { source: string; cases: number; foundTrue: number })[];
  })[];
}
