import { language, number, quantity } from './language';

/**
 * Names of the figures that readings and warnings carry. The API names them as `overKg` or `UN1005.storedKg`: a subject where there are several, what it is, the unit last. A name that is not here is shown as it is written, with its unit all the same.
 */
const names: Record<string, [string, string]> = {
  accuracy: ['Accuracy of the station, ±', '检测站准确度 ±'],
  alarmBits: ['Alarm code of the terminal', '终端报警码'],
  allowed: ['Allowed difference', '允许差值'],
  alpha: ['Exposure factor α', '校正系数α'],
  apart: ['Time between them', '两次间隔'],
  askedEvents: ['Events asked for', '要求次数'],
  askedWithin: ['Within', '时间窗'],
  axle: ['Axle', '轴号'],
  axleCount: ['Axles', '轴数'],
  axles: ['Axles', '轴数'],
  axlesAccuracy: ['Accuracy of axle loads, ±', '轴荷准确度 ±'],
  axlesCount: ['Axles in the group', '轴组轴数'],
  axlesFirst: ['First axle of the group', '轴组首轴'],
  axles_: ['Load of the axle group', '轴组质量'],
  axlesLimit: ['Limit of the axle group', '轴组限值'],
  axlesMore: ['Axles more than usual', '多出轴数'],
  axlesOver: ['Axle group over its limit', '轴组超限'],
  before: ['Weighing before', '上次称重'],
  beforeH: ['That was before, by', '距上次称重'],
  beforeMin: ['That was before, by', '距上次称重'],
  beforeAccuracy: ['Accuracy of the station before, ±', '上次检测站准确度 ±'],
  between: ['Time between the places', '两地间隔'],
  concerned: ['Readings concerned', '涉及读数'],
  confidence: ['Confidence', '置信度'],
  contentMoves: ['Content moves', '储量变化'],
  contentOff: ['Content off', '储量偏离'],
  contradictions: ['Contradictions', '矛盾次数'],
  curb: ['Curb mass', '整备质量'],
  difference: ['Difference', '差额'],
  disposed: ['Disposed of', '处置'],
  distance: ['Distance', '距离'],
  driven: ['Driven without a rest', '连续驾驶'],
  drop: ['Level fell', '液位下降'],
  earlierAccuracy: ['Accuracy of the earlier station, ±', '前次检测站准确度 ±'],
  earlierAxles: ['Axles earlier', '前次轴数'],
  earlierGross: ['Gross mass earlier', '前次总质量'],
  events: ['Events', '事件次数'],
  expected: ['Should be there by the ledger', '台账应存'],
  expired: ['Ran out before', '已过期'],
  fastest: ['Fastest', '最高车速'],
  for: ['Lasted', '持续时间'],
  fromLevel: ['Level before', '原液位'],
  gap: ['Gap between axles', '轴距'],
  gas: ['Gas', '气体浓度'],
  gasPctLel: ['Combustible gas', '可燃气体'],
  gasPpm: ['Toxic gas', '有毒气体'],
  grace: ['Grace', '宽限'],
  gross: ['Gross mass', '总质量'],
  hiddenOver: ['Hidden excess', '隐瞒超限'],
  horizon: ['Looked ahead', '预测时长'],
  kept: ['Kept', '贮存'],
  latitude: ['Latitude', '纬度'],
  least: ['Least', '最小'],
  left: ['Left', '剩余'],
  leftRightRatio: ['Left to right', '左右轮荷比'],
  level: ['Level', '液位'],
  limit: ['Limit', '限值'],
  limitIn: ['Limit reached in', '到达限值还需'],
  limitOffences: ['Offences from which on', '违法次数限值'],
  limitTrucks: ['Trucks from which on', '车辆数限值'],
  lines: ['Lines of the ledger', '台账条数'],
  load: ['Load', '载质量'],
  longitude: ['Longitude', '经度'],
  mass: ['Mass', '质量'],
  mean: ['Mean', '平均'],
  most: ['Most', '最大'],
  notCounted: ['Substances not counted', '未计入物质'],
  offences: ['Offences', '违法次数'],
  opening: ['Opening stock', '期初库存'],
  outside: ['Outside the times of the waybill', '超出运单时间'],
  over: ['Over the limit', '超限'],
  passages: ['Passages', '通行次数'],
  penaltyEstimate: ['Penalty, estimated', '罚款估算'],
  people: ['People within 500 m', '500米内常住人口'],
  permit: ['Mass of the permit', '许可总质量'],
  permittedDrop: ['Level may fall by', '允许降幅'],
  pressure: ['Pressure', '压力'],
  pressureOff: ['Pressure off', '压力偏离'],
  pressureUsual: ['Usual pressure', '通常压力'],
  produced: ['Produced', '生产'],
  purchased: ['Purchased', '购进'],
  r: ['R', 'R值'],
  rate: ['Rate', '变化速率'],
  ratedLoad: ['Rated load', '核定载质量'],
  ratio: ['Σq/Q', 'Σq/Q'],
  readings: ['Readings', '读数'],
  received: ['Received', '收货'],
  receivers: ['Receivers', '收货方'],
  registeredAxles: ['Registered axles', '登记轴数'],
  registeredLevel: ['Registered grade', '备案等级'],
  registeredLimit: ['Limit by the register', '登记限值'],
  rest: ['Rested', '休息时长'],
  score: ['Score', '评分'],
  share: ['Share', '占比'],
  shareOff: ['Share off', '占比偏离'],
  shipments: ['Shipments', '发货单数'],
  shipped: ['Shipped', '发货'],
  sightings: ['Sightings', '抓拍次数'],
  silent: ['Silent for', '失联时长'],
  spacingOff: ['Spacing off', '轴距偏离'],
  span: ['Within', '时间跨度'],
  speed: ['Speed', '车速'],
  standing: ['Standing for', '停留时长'],
  stored: ['Stored', '库存'],
  tankMovements: ['Movements of tanks', '储罐变化次数'],
  temperature: ['Temperature', '温度'],
  temperatureOff: ['Temperature off', '温度偏离'],
  temperatureUsual: ['Usual temperature', '通常温度'],
  terminalAlarms: ['Alarms of the terminal', '终端报警次数'],
  threshold: ['Threshold', '阈值'],
  trucks: ['Trucks', '车辆数'],
  unusualReadings: ['Unusual readings', '异常读数'],
  used: ['Used', '使用'],
  usualShare: ['Usual share', '通常占比'],
  weighingsKnown: ['Weighings known', '已知称重次数'],
  windowReadings: ['Readings looked at', '考察读数'],
  within: ['Within', '时间范围'],
  worked: ['Worked', '作业时长'],
  worstOver: ['Worst excess', '最大超限'],
  // Figures of readings.
  lane: ['Lane', '车道'],
  vehicleClass: ['Body', '车型'],
  plateConfidence: ['Plate read with', '号牌识别置信度'],
  event: ['Event', '事件'],
  hazardPlate: ['Hazard plate', '危险货物标志牌'],
  plate: ['Plate', '号牌'],
  unit: ['Unit', '装置'],
  substance: ['Substance', '物质'],
  valve: ['Valve', '阀门'],
  driver: ['Driver', '驾驶员'],
  waybill: ['Waybill', '运单'],
  action: ['Action', '业务'],
  counterparty: ['Counterparty', '对方单位'],
  online: ['Online', '在线'],
  register: ['Register', '登记簿'],
  statement: ['Statement', '登记内容'],
  site: ['Site', '场所'],
  road: ['Road', '道路'],
  zones: ['Zones', '区域'],
  likelyPlate: ['Likely plate', '可能号牌'],
  receiver: ['Receiver', '收货方'],
  shipper: ['Shipper', '发货方'],
  grams: ['Mass', '质量'],
  at: ['Time', '时间'],
  reports: ['Reports what it receives', '上报收货'],
  due: ['Time is over', '已到期'],
  alarm: ['Alarm', '报警'],
  imageUrl: ['Picture', '图片'],
  imageSha256: ['Picture (SHA-256)', '图片SHA-256'],
};

/** Ends of names, the longest first, with the sign of the unit in both languages. */
const units: [string, string, string][] = [
  ['PctLelPerMin', '% LEL/min', '% LEL/分钟'],
  ['KpaPerMin', 'kPa/min', 'kPa/分钟'],
  ['PpmPerMin', 'ppm/min', 'ppm/分钟'],
  ['PctPerMin', '%/min', '%/分钟'],
  ['CPerMin', '°C/min', '°C/分钟'],
  ['PctLel', '% LEL', '% LEL'],
  ['Hours', 'h', '小时'],
  ['Days', 'd', '天'],
  ['Kpa', 'kPa', 'kPa'],
  ['Kmh', 'km/h', 'km/h'],
  ['Ppm', 'ppm', 'ppm'],
  ['Pct', '%', '%'],
  ['Cny', 'CNY', '元'],
  ['Deg', '°', '°'],
  ['Min', 'min', '分钟'],
  ['Kg', 'kg', 'kg'],
  ['Sd', 'σ', 'σ'],
  ['M', 'm', 'm'],
  ['C', '°C', '°C'],
  ['H', 'h', '小时'],
  ['S', 's', '秒'],
];

/** Names that are known as a whole and end with a unit all the same. */
const WITH_UNIT = ['gasPctLel', 'gasPpm', 'beforeH', 'beforeMin'];

const digits: Record<string, number> = { '°': 6, m: 2, kg: 0, kPa: 1, CNY: 0 };
const known = (stem: string) => names[stem]?.[language.value === 'zh' ? 1 : 0];

/** Words for values that readings give as codes. */
const values: Record<string, [string, string]> = {
  rigid: ['rigid truck', '载货汽车'],
  combination: ['combination', '汽车列车'],
  tanker: ['tanker', '罐车'],
  car: ['car', '小客车'],
  bus: ['bus', '客车'],
  other: ['other', '其他'],
  open: ['open', '开启'],
  closed: ['closed', '关闭'],
  produce: ['produced', '生产'],
  purchase: ['purchased', '购进'],
  use: ['used', '使用'],
  ship: ['shipped', '发货'],
  receive: ['received', '收货'],
  store: ['stock taken', '盘点'],
  dispose: ['disposed of', '处置'],
  trade: ['trade', '经营'],
  transport: ['transport', '运输'],
  vehicle: ['vehicle', '车辆'],
  true: ['yes', '是'],
  false: ['no', '否'],
  high: ['high', '高限'],
  'high-high': ['high-high', '高高限'],
  low: ['low', '低限'],
  'low-low': ['low-low', '低低限'],
};
export const valueName = (value: string) => values[value]?.[language.value === 'zh' ? 1 : 0] ?? value;

export interface Named {
  name: string;
  /** Of several tanks or substances the one that it is of. */
  of: string;
  unit: string;
  sign: string;
}

/** A figure's name, what it is of, and its unit. */
export function figureName(code: string): Named {
  const dot = code.lastIndexOf('.');
  const of = dot < 0 ? '' : code.slice(0, dot);
  const own = code.slice(dot + 1);
  const axle = /^axle(\d+)Kg$/.exec(own);
  if (axle) return { name: language.value === 'zh' ? `第${Number(axle[1])}轴质量` : `Load of axle ${Number(axle[1])}`, of, unit: 'kg', sign: 'kg' };
  const gap = /^spacing(\d+)M$/.exec(own);
  if (gap) return { name: language.value === 'zh' ? `第${Number(gap[1])}轴距` : `Spacing behind axle ${Number(gap[1])}`, of, unit: 'm', sign: 'm' };
  const whole = known(own);
  const end = whole && !WITH_UNIT.includes(own) ? undefined : units.find(([suffix]) => own.endsWith(suffix) && own.length > suffix.length);
  const stem = end ? own.slice(0, -end[0].length) : own;
  // Without a unit it is no level of a tank.
  if (own === 'level') return { name: language.value === 'zh' ? '危险源等级' : 'Grade of the hazard', of, unit: '', sign: '' };
  const sign = end ? end[language.value === 'zh' ? 2 : 1] : '';
  return { name: whole ?? known(stem === 'axles' ? 'axles_' : stem) ?? stem.replace(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`), of, unit: end?.[1] ?? '', sign };
}

/** A figure's value with its unit. Shares that the API gives from 0 to 1 are shown in percent. */
export function figureValue(code: string, value: unknown): string {
  if (typeof value !== 'number') return valueName(String(value ?? ''));
  if (code === 'confidence' || code === 'plateConfidence') return quantity(value * 100, '%', 1);
  const { unit, sign } = figureName(code);
  return sign === '' ? number(value, 4) : quantity(value, sign, digits[unit] ?? 2);
}
