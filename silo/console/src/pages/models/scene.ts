import { departmentName, districtName, workflowName } from '../../app/session';
import { codes } from '../../words/codes';
import { count, kindName, language, percent, severityName, span, type Text, words } from '../../words/language';

/** What the API says of a scene. */
export interface Rule {
  id: string;
  name: Text;
  department: string;
  districts: string[];
  subjects: string[];
  thresholds: { events: string[]; minimumPermille: number; times: number; withinMinutes: number; sameCamera: boolean; fromHour: number; toHour: number; days: string; severity: number; clearAfterMinutes: number };
  route: { lead: string; coHandlers: string[]; workflow: string; opensWhenLate: boolean };
  revision?: number;
  approvedBy?: string;
}

interface Counted {
  of: string;
  warnings: number;
}

export interface Row {
  id: string;
  name: Text;
  department: string;
  state: string;
  revision: number;
  version: number;
  allowed: string[];
  scene: Rule;
  inForce?: Rule;
  rulebook?: number;
  test?: {
    revision: number; by: string; at: string; rulebook: number; from: string; to: string; reachesBackTo?: string; events: number; counted: number; warnings: number; quietMinutes: number; quietAssumed: boolean;
    districts: Counted[]; days: Counted[]; subjects: number; top: Counted[]; examples: { subject: string; subjectKind: string; district: string; at: string; explanation: Text }[]; stopped?: string; tookMs: number;
  };
  note?: string;
  history: { at: string; by: string; action: string; revision: number; note?: string }[];
  backTest?: { state: 'running' | 'failed'; revision?: number; by?: string; begun?: string; from?: string; to?: string; reached?: string; why?: string };
}

const w = words(
  {
    draft: 'draft', tested: 'back-tested', proposed: 'PROPOSED', returned: 'returned', approved: 'in force', withdrawn: 'withdrawn', change: 'Edit', 'back-test': 'Back-test', propose: 'Propose', approve: 'Approve', return: 'Return', withdraw: 'Withdraw', every: 'every day', working: 'on working days', off: 'on days off',
    place: 'place', enterprise: 'enterprise', vehicle: 'vehicle',
    says: (times: string, events: string, within: string, camera: string, sure: string, hours: string, days: string) => `${times} times within ${within}${camera}: ${events}; the camera at least ${sure} sure, ${hours}, ${days}.`, camera: ', by one camera', wholeDay: 'round the clock', hours: (from: string, to: string) => `from ${from} to ${to}`,
    goes: (severity: string, lead: string, workflow: string) => `Warning of severity “${severity}”, to ${lead}, by the workflow “${workflow}”.`, where: (d: string) => `In: ${d}.`, city: 'the whole city',
  },
  {
    draft: '草稿', tested: '已回测', proposed: '待审批', returned: '已退回', approved: '生效中', withdrawn: '已撤销', change: '编辑', 'back-test': '回测', propose: '提交审批', approve: '批准', return: '退回', withdraw: '撤销', every: '每天', working: '工作日', off: '休息日',
    place: '地点', enterprise: '企业', vehicle: '车辆',
    says: (times, events, within, camera, sure, hours, days) => `${within}内${camera}出现 ${times} 次：${events}；置信度不低于 ${sure}，${days}${hours}。`, camera: '同一摄像头', wholeDay: '全天', hours: (from, to) => `${from}至${to}`,
    goes: (severity, lead, workflow) => `预警等级“${severity}”，派至${lead}，流程“${workflow}”。`, where: d => `范围：${d}。`, city: '全市',
  },
);

type Word = Parameters<typeof w>[0];
const named = (codes: Word[]) => (code: string) => (codes.includes(code as Word) ? w(code as 'draft') : code);

export const sceneState = named(['draft', 'tested', 'proposed', 'returned', 'approved', 'withdrawn']);
export const sceneAction = named(['change', 'back-test', 'propose', 'approve', 'return', 'withdraw']);
export const sceneDays = named(['every', 'working', 'off']);
export const subjectKind = named(['place', 'enterprise', 'vehicle']);

/** What a camera can see that a scene may be about. */
export const events = ['smoke', 'fire', 'leak', 'intrusion', 'illegal-parking', 'street-stall', 'construction', 'crowding'].filter(event => event in codes.en.kinds);

const hour = (value: number) => `${String(value).padStart(2, '0')}:00`;
const and = () => (language.value === 'zh' ? '、' : ', ');

/** A scene's thresholds as a sentence. */
export const saysThresholds = ({ thresholds: of }: Rule) =>
  w('says', count(of.times), of.events.map(kindName).join(and()), span(of.withinMinutes * 60_000), of.sameCamera ? w('camera') : '', percent(of.minimumPermille / 1000, 0), of.fromHour === 0 && of.toHour === 24 ? w('wholeDay') : w('hours', hour(of.fromHour), hour(of.toHour)), sceneDays(of.days));

export const saysRoute = (of: Rule) =>
  `${w('goes', severityName(of.thresholds.severity), [of.route.lead, ...of.route.coHandlers].map(departmentName).join(and()), workflowName(of.route.workflow))} ${w('where', of.districts.map(districtName).join(and()) || w('city'))}`;
