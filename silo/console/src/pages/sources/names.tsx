import { quantity, words } from '../../words/language';

/** Words for what the catalogue and the quarantine say in codes. */
export interface Expectation {
  perMinute?: number;
  perDay?: number;
  silentAfterS?: number;
}

/** A row of the catalogue's list. Its figures may be five minutes old. */
export interface Resource {
  id: string;
  kind: string;
  owner?: string;
  district: string;
  register?: string;
  state: string;
  lastSeen?: string;
  expected?: Expectation;
  accepted: number;
  rejected: number;
  unidentified: number;
  accepted24H: number;
  rejected24H: number;
  expected24H?: number;
  late: number[];
  joined?: boolean;
  asOf: string;
}

type Names = Record<string, [en: string, zh: string]>;

const states: Names = { live: ['live', '正常'], silent: ['SILENT', '失联'], never: ['never heard', '从未上报'], disabled: ['disabled', '已停用'] };
const kinds: Names = {
  wim: ['Weigh station', '称重检测站'], video: ['Camera', '摄像头'], hazmat: ['Dangerous-goods feed', '危化品监测'], register: ['Register', '登记数据'],
  'traffic-flow': ['Traffic flow', '交通流量'], weather: ['Weather', '气象'],
};
const reasons: Names = {
  malformed: ['not JSON', '非JSON格式'], notAReading: ['no reading', '不是读数'], missingField: ['a field is missing', '缺少字段'], wrongType: ['wrong type', '字段类型错误'],
  outOfRange: ['out of range', '数值超出范围'], inconsistent: ['contradicts itself', '字段矛盾'], badTime: ['bad time', '时间无效'], tooLarge: ['too large', '数据过大'],
  topicNotAllowed: ['topic not allowed', '主题无权限'], unknownTopic: ['unknown topic', '未知主题'], tooMany: ['too many at once', '单次读数过多'], unknownSource: ['unknown source', '未登记数据源'], other: ['other', '其他'],
};
const formats: Names = {
  weigh: ['Weighings', '称重记录'], weighing: ['Weighings', '称重记录'], 'weigh-record': ['Weighings', '称重记录'], 'video-event': ['Camera events', '视频事件'], 'truck-telemetry': ['Truck telemetry', '车载终端数据'], 'plant-telemetry': ['Tank telemetry', '储罐监测'], ledger: ['Ledger entries', '出入库台账'],
  status: ['Status', '状态'], register: ['Register entries', '登记条目'],
};
const happenings: Names = {
  published: ['published', '上报'], registered: ['registered', '登记'], status: ['status', '状态'], warning: ['warning', '预警'], action: ['action', '操作'], weigh: ['weighing', '称重'], video: ['camera event', '视频事件'],
  telemetry: ['telemetry', '遥测'], plant: ['tank reading', '储罐读数'], ledger: ['ledger', '台账'], 'work-order': ['work order', '工单'], case: ['case', '案件'], message: ['message', '消息'],
};

const table = (names: Names) => {
  const en: Record<string, string> = {};
  const zh: Record<string, string> = {};
  for (const [code, [first, second]] of Object.entries(names)) {
    en[code] = first;
    zh[code] = second;
  }
  const w = words(en, zh);
  return (code: string) => (code in names ? w(code) : code);
};

export const healthName = table(states);
export const sourceKindName = table(kinds);
const camel = (code: string) => code.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const reasonByCode = table(reasons);
/** Both spellings occur: `wrongType` in the catalogue, `wrong-type` in the quarantine. */
export const rejectName = (code: string) => (camel(code) in reasons ? reasonByCode(camel(code)) : code);
export const formatName = table(formats);
export const happeningName = table(happenings);
export const sourceKinds = Object.keys(kinds);
export const healthStates = ['silent', 'never', 'disabled', 'live'];

const marks: Record<string, string> = { live: '●', silent: '■', never: '○', disabled: '×' };

/** Health as a word with a mark of its own form. */
export const Health = ({ of }: { of: string }) => (
  <span class={`health health-${of}`}>
    <span aria-hidden="true">{marks[of] ?? '?'}</span> {healthName(of)}
  </span>
);

const w = words(
  { minute: 'readings/min', day: 'readings/d', seconds: 's', readings: 'readings', reading: 'reading' },
  { minute: '条/分钟', day: '条/天', seconds: '秒', readings: '条', reading: '条' },
);

/** What is expected of a source, as it was registered. */
export const expectation = (of?: Expectation) =>
  of ? [of.perMinute && quantity(of.perMinute, w('minute')), of.perDay && quantity(of.perDay, w('day'))].filter(Boolean).join(', ') : '';
export const seconds = (value: number) => quantity(value, w('seconds'));
export const readings = (value: number) => quantity(value, value === 1 ? w('reading') : w('readings'));
