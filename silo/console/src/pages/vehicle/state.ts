import type { Warning } from '../../api/types';
import type { SubjectState } from '../../parts/subject';

/** What the API says of a vehicle. */
export interface Weighing {
  id: string;
  source: string;
  station: string;
  at: string;
  lane?: string;
  grossKg: number;
  axleCount: number;
  axles: { massKg: number; offsetM: number }[];
  vehicleClass?: string;
  speedKmh?: number;
  plateConfidence: number;
  leftRightRatio?: number;
  accuracyPct?: number;
  limitKg: number | null;
  overKg: number | null;
  overPct: number | null;
  limitBasis: string;
  limitBasisZh: string;
  axleGroups?: { firstAxle: number; axleCount: number; massKg: number; limitKg: number; overKg: number; advisory: boolean; basis: string; basisZh: string }[];
  ratedLoad?: { loadKg?: number; ratedLoadKg?: number; overKg?: number; overPct?: number; basis: string; basisZh: string };
  image?: { url?: string; sha256?: string };
}

export interface Position {
  lat: number;
  lon: number;
}

export interface Tank {
  pressureKpa?: number;
  temperatureC?: number;
  levelPct?: number;
  massKg?: number;
  gasPpm?: number;
  gasPctLel?: number;
  valve?: 'open' | 'closed';
}

export interface Telemetry {
  at: string;
  source: string;
  position?: Position;
  speedKmh?: number;
  tank: Tank;
  alarms: Record<string, string>;
  substance?: string;
  driver?: string;
  waybill?: string;
  readings: number;
  late: number;
}

export interface VehicleState extends SubjectState {
  registered?: { from?: string; to?: string; vehicleClass?: string; axles?: number; driveAxles?: number; ratedLoadKg?: number; curbKg?: number; hazmat?: boolean }[];
  permits?: { number: string; from?: string; to?: string; grossKg?: number; zones?: string }[];
  waybills?: { number: string; from?: string; to?: string; substance?: string; departure?: string; arrival?: string; loadSite?: string; unloadSite?: string }[];
  weighings: number;
  lastWeighing?: Weighing;
  axleHistory?: { weighings: number; late: number; usualSharesPct: number[] };
  sightings: number;
  lastSighting?: { at: string; source: string; event: string; confidence: number; vehicleClass?: string; hazardPlate?: string; plate?: string; position?: Position };
  uncertainPlates: number;
  telemetry?: Telemetry;
  evasion?: { late: number; awaited: { camera: string; seen: string; until: string; missed: boolean }[] };
  openWarnings: Warning[];
}
