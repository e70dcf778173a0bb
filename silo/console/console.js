'use strict';

// Everything shown goes through textContent: nothing that a device or a person wrote is ever read as HTML.
const $ = id => document.getElementById(id);
const words = {
  en: {
    title: 'Streaming', enter: 'Sign in', token: 'Token', go: 'Sign in', leave: 'Sign out', find: 'Find', plate: 'Vehicle, as 粤H12345-yellow', queue: 'To do', nothing: 'Nothing to do. New alerts appear here by themselves.',
    choose: 'Choose an alert on the left, or look up a vehicle.', on: 'live', off: 'not connected', lost: t => `No connection since ${t}. Alerts are NOT arriving. They are kept and will come as soon as the connection is back.`,
    badToken: 'This token is not in force.', unknownVehicle: 'This vehicle is not known.', age: t => `${t} ago`, due: t => `${t} left`, late: t => `OVERDUE by ${t}`, noDue: 'no deadline', all: 'whole city', case: 'Case', stage: 'Stage', state: 'State',
    orders: 'Work orders', history: 'History', figures: 'Figures', readings: 'Readings', limit: 'limit', accept: 'Accept', claim: 'Claim', return: 'Return', complete: 'Complete', comment: 'Comment', assign: 'Assign', 'hand-on': 'Hand on', dispute: 'Dispute', rule: 'Rule', ask: 'Ask to co-handle', extend: 'Ask for more time', park: 'Ask to park', resume: 'Go on', approve: 'Approve', refuse: 'Refuse', more: 'More', person: 'Person', department: 'Department', departments: 'Co-handlers', until: 'Until', assigned: 'for', asks: { extend: 'asks for more time, until', park: 'asks to park it until' }, parked: 'parked until', note: 'Note', outcome: 'Outcome', why: 'Why this case',
    lastSeen: 'Last seen', weighings: 'Weighings', warnings: 'Open warnings', none: 'none', basis: 'Limit by', over: 'over', severity: ['', 'Notice', 'Minor', 'Serious', 'DANGER'], city: (w, c, o) => `Open: ${w} warnings, ${c} cases, ${o} overdue`,
    states: { issued: 'NEW', accepted: 'accepted', completed: 'completed', returned: 'returned', withdrawn: 'withdrawn', lapsed: 'lapsed', parked: 'parked', open: 'open', closed: 'closed', archived: 'archived' }, noAnswer: 'The server did not answer. Try again.',
    choices: { 'seen-already': 'it had been seen', 'nobody-there': 'nobody was there', 'not-visible': 'it cannot be seen from there', 'not-recognised': 'it was not recognised', 'not-reported': 'it was seen and not reported' },
    kinds: { 'over-road-limit': 'Over the road limit', 'over-rated-load': 'Over the rated load', evasion: 'Evasion of weighing', 'axle-signature': 'Unusual axles', 'cloned-plate': 'Cloned plate', 'tank-pressure': 'Tank pressure', 'tank-temperature': 'Tank temperature', 'tank-level': 'Tank level', 'gas-toxic': 'TOXIC GAS', 'gas-combustible': 'COMBUSTIBLE GAS', 'tank-pressure-forecast': 'Tank pressure heading for its limit', 'tank-temperature-forecast': 'Tank temperature heading for its limit', 'tank-level-forecast': 'Tank level heading for its limit', 'gas-toxic-forecast': 'Toxic gas heading for its limit', 'gas-combustible-forecast': 'Combustible gas heading for its limit', 'tank-anomaly': 'Tank behaves unusually', 'unloading-outside-site': 'Unloading outside an unloading place', 'forbidden-zone': 'In a forbidden zone', speed: 'Dangerous goods too fast', 'driving-time': 'Driving without a rest', 'route-deviation': 'Off the route', 'hazmat-stop': 'Standing with dangerous goods', 'telemetry-silence': 'Silent on its way', 'terminal-alarm': 'ALARM OF THE TERMINAL', 'repeat-offender': 'Repeat offender', waybill: 'Waybill missing or contradicted', 'valve-open-in-transit': 'Valve open in transit', fire: 'FIRE', smoke: 'Smoke', leak: 'LEAK', 'enterprise-balance': 'Ledger and stock differ', 'shipment-lost': 'Shipment lost', 'shipment-short': 'Shipment short', 'major-hazard': 'Major hazard above its grade', 'storage-over-permit': 'Storage over the permit', 'no-substance-permit': 'No permit for the substance', 'counterparty-no-permit': 'Receiver without a permit', 'expired-permit': 'Permit runs out', 'activity-while-stopped': 'At work while ordered to stop', 'waste-kept-too-long': 'Waste kept too long', 'source-control': 'Overloaded trucks from here', 'source-silence': 'Source is silent', 'source-lateness': 'Source is late', 'source-rejects': 'Source sends what does not fit', 'clock-off': 'Clock is off', 'calibration-expired': 'Calibration has run out', 'calibration-drift': 'Scale may have drifted' }, you: 'This is only for information.',
  },
  zh: {
    title: '城市实时监管', enter: '登录', token: '令牌', go: '登录', leave: '退出', find: '查询', plate: '车辆，如 粤H12345-yellow', queue: '待办', nothing: '暂无待办。新警报会自动出现在这里。',
    choose: '请选择左侧警报，或查询车辆。', on: '实时', off: '未连接', lost: t => `${t} 起连接中断，警报未送达！警报已保存，恢复后自动补发。`,
    badToken: '令牌无效。', unknownVehicle: '查无此车。', age: t => `${t}前`, due: t => `剩余${t}`, late: t => `已逾期${t}`, noDue: '无时限', all: '全市', case: '案件', stage: '环节', state: '状态',
    orders: '工单', history: '经过', figures: '数据', readings: '原始记录', limit: '限值', accept: '签收', claim: '认领', return: '退单', complete: '办结', comment: '批注', assign: '指派', 'hand-on': '转办', dispute: '争议上报', rule: '裁定', ask: '请求协办', extend: '申请延期', park: '申请挂账', resume: '恢复办理', approve: '批准', refuse: '不批准', more: '更多', person: '经办人', department: '部门', departments: '协办部门', until: '截止', assigned: '经办', asks: { extend: '申请延期至', park: '申请挂账至' }, parked: '挂账至', note: '说明', outcome: '处理结果', why: '立案原因',
    lastSeen: '最近出现', weighings: '称重次数', warnings: '未解除警告', none: '无', basis: '限值依据', over: '超', severity: ['', '提示', '一般', '严重', '危险'], city: (w, c, o) => `未结：警告${w}，案件${c}，逾期${o}`,
    states: { issued: '新', accepted: '已签收', completed: '已办结', returned: '已退单', withdrawn: '已撤回', lapsed: '逾期转办', parked: '已挂账', open: '办理中', closed: '已结案', archived: '已归档' }, noAnswer: '服务器无响应，请重试。',
    choices: { 'seen-already': '一线已发现', 'nobody-there': '现场无人值守', 'not-visible': '现场不可见', 'not-recognised': '未能识别', 'not-reported': '已发现未上报' },
    kinds: { 'over-road-limit': '超限', 'over-rated-load': '超载', evasion: '规避称重', 'axle-signature': '轴型异常', 'cloned-plate': '疑似套牌', 'tank-pressure': '储罐压力', 'tank-temperature': '储罐温度', 'tank-level': '储罐液位', 'gas-toxic': '有毒气体', 'gas-combustible': '可燃气体', 'tank-pressure-forecast': '储罐压力趋近限值', 'tank-temperature-forecast': '储罐温度趋近限值', 'tank-level-forecast': '储罐液位趋近限值', 'gas-toxic-forecast': '有毒气体趋近限值', 'gas-combustible-forecast': '可燃气体趋近限值', 'tank-anomaly': '储罐行为异常', 'unloading-outside-site': '场所外卸货', 'forbidden-zone': '驶入禁行区域', speed: '危货车辆超速', 'driving-time': '疲劳驾驶', 'route-deviation': '偏离路线', 'hazmat-stop': '危货车辆异常停留', 'telemetry-silence': '途中失联', 'terminal-alarm': '车载终端报警', 'repeat-offender': '多次违法超限', waybill: '运单缺失或不符', 'valve-open-in-transit': '途中阀门未关', fire: '火情', smoke: '烟雾', leak: '泄漏', 'enterprise-balance': '账实不符', 'shipment-lost': '货物未到', 'shipment-short': '收发货数量不符', 'major-hazard': '重大危险源升级', 'storage-over-permit': '超许可储存', 'no-substance-permit': '无危化品许可', 'counterparty-no-permit': '收货方无许可', 'expired-permit': '许可到期', 'activity-while-stopped': '责令停产后仍生产', 'waste-kept-too-long': '危废超期贮存', 'source-control': '货运源头超限', 'source-silence': '数据源失联', 'source-lateness': '数据迟到', 'source-rejects': '数据不合规范', 'clock-off': '时钟偏差', 'calibration-expired': '检定到期', 'calibration-drift': '衡器疑似漂移' }, you: '仅供知悉。',
  },
};
Object.assign(words.en.kinds, { intrusion: 'Intrusion', 'illegal-parking': 'Illegal parking', 'street-stall': 'Street stall', construction: 'Unpermitted construction', crowding: 'Crowding' });
Object.assign(words.zh.kinds, { intrusion: '入侵', 'illegal-parking': '违法停车', 'street-stall': '占道经营', construction: '违法建设', crowding: '人员聚集' });
let language = localStorage.getItem('language') || (navigator.language.startsWith('zh') ? 'zh' : 'en');
let token = sessionStorage.getItem('token');
let me = null, host = '', rules = {}, skewMs = 0, chosen = null, lastId = null, listening = null, since = null;
const cards = new Map();
const t = (key, ...values) => typeof words[language][key] === 'function' ? words[language][key](...values) : words[language][key];
const say = text => text == null ? '' : typeof text === 'string' ? text : text[language] || text.en || '';
const named = (list, id, key = 'id') => say((rules[list] || []).find(item => item[key] === id)?.name) || id;
const clock = at => new Date(at).toLocaleString(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'short', timeStyle: 'medium' });
const kg = value => `${Math.round(value).toLocaleString('en')} kg`;

function el(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.flat().filter(child => child != null && child !== ''));
  return element;
}

function span(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60000);
  if (minutes < 1) return `${Math.floor(Math.abs(ms) / 1000)} s`;
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.floor(minutes / 1440)} d ${Math.floor(minutes / 60) % 24} h`;
}

class Refused extends Error {
  constructor(status, problem) { super(problem.detail || t('noAnswer')); this.status = status; }
}

async function call(path, body, signal) {
  let response;
  try {
    response = await fetch(path, { method: body ? 'POST' : 'GET', body: body && JSON.stringify(body), signal, headers: { Authorization: `Bearer ${token}`, ...(body && { 'Content-Type': 'application/json' }) } });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, {});
  }
  if (response.headers.get('Date')) skewMs = Date.parse(response.headers.get('Date')) - Date.now();
  if (response.status === 401) leave(t('badToken'));
  if (!response.ok) throw new Refused(response.status, await response.json().catch(() => ({})));
  return response;
}
const read = async (path, body) => (await call(path, body)).json();

async function enter() {
  try {
    me = await read('/api/me');
    rules = await read('/api/rulebook');
    host = (await read('/health/live')).host;
  } catch (error) {
    if (error.status !== 401) $('refused').textContent = error.message;
    return;
  }
  sessionStorage.setItem('token', token);
  $('enter').hidden = true;
  for (const shown of [document.querySelector('main'), $('search'), $('leave'), $('department'), $('district')]) shown.hidden = false;
  fill();
  follow();
  figures();
  if (me.role === 'administrator' && host === 'orleans') openDashboard();
}

// A browser sends no token when it loads a page by itself, so the dashboard's pages go by a cookie, which opens nothing else.
async function openDashboard() {
  await call('/api/session', {}).then(() => { $('orleans').hidden = !me; }, () => {});
}

function leave(reason = '') {
  if (token && !$('orleans').hidden) fetch('/api/session', { method: 'DELETE', headers: { Authorization: `Bearer ${token}` } }).catch(() => {});
  listening?.abort();
  sessionStorage.removeItem('token');
  token = me = null;
  $('refused').textContent = reason;
  $('enter').hidden = false;
  for (const hidden of [document.querySelector('main'), $('search'), $('leave'), $('department'), $('district'), $('city'), $('lost'), $('orleans')]) hidden.hidden = true;
  $('who').textContent = '';
  connected(false);
}

// A member has one department; others may look at each.
function fill() {
  const choose = (select, ids, list, every) => {
    const before = select.value;
    select.replaceChildren(...ids.map(id => el('option', { value: id, textContent: id === '*' ? every : named(list, id) })));
    select.disabled = ids.length < 2;
    if (ids.includes(before)) select.value = before;
  };
  choose($('department'), me.role === 'member' ? [me.department] : (rules.departments || []).map(item => item.id), 'departments');
  choose($('district'), [me.district, ...(rules.districts || []).map(item => item.id).filter(id => me.district === '*' || id.startsWith(`${me.district}.`))], 'districts', t('all'));
  $('who').textContent = `${me.name} (${me.role}) · ${host}`;
}

function follow() {
  listening?.abort();
  listening = new AbortController();
  lastId = null;
  cards.clear();
  draw();
  listen(listening.signal);
}

// The list is read after the stream has begun, so nothing falls between the two; an alert then only says which row to read again.
async function load(signal) {
  const district = $('district').value;
  const page = await read(`/api/workorders?open=true&limit=500&department=${encodeURIComponent($('department').value)}${district === '*' ? '' : `&district=${encodeURIComponent(district)}`}`);
  if (signal.aborted) return;
  for (const order of page.items) put(order.id, { ...cards.get(order.id), ...order });
  draw();
}

async function listen(signal) {
  while (!signal.aborted && me) {
    const attempt = new AbortController();
    const quit = () => attempt.abort();
    signal.addEventListener('abort', quit);
    let watchdog = setTimeout(quit, 40000);
    try {
      const from = lastId === null ? '' : `&lastEventId=${lastId}`;
      const response = await call(`/api/departments/${encodeURIComponent($('department').value)}/alerts?district=${encodeURIComponent($('district').value)}${from}`, null, attempt.signal);
      connected(true);
      load(signal).catch(() => attempt.abort());
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(quit, 40000);
        const blocks = (text + part.value).split('\n\n');
        text = blocks.pop();
        for (const block of blocks) heard(block, signal);
      }
    } catch (error) {
      if (error.status === 403 || error.status === 400) { $('detail').replaceChildren(el('p', { className: 'error', textContent: error.message })); return; }
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', quit);
    }
    if (signal.aborted) return;
    connected(false);
    await new Promise(resume => setTimeout(resume, 2000));
  }
}

function heard(block, signal) {
  const field = name => block.split('\n').find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const newest = /^: newest (\d+)$/m.exec(block);
  // A smaller number than the one held means another city's data behind the same address: begin anew.
  if (newest && (lastId === null || Number(newest[1]) < lastId)) lastId = Number(newest[1]);
  if (field('event') !== 'alert' || signal.aborted) return;
  lastId = Number(field('id'));
  const alert = JSON.parse(field('data'));
  const key = alert.workOrder || alert.case;
  put(key, { ...cards.get(key), ...alert, id: key, state: cards.get(key)?.state || 'issued', fresh: alert.type === 'work-order' });
  draw();
  if (alert.workOrder) read(`/api/workorders/${encodeURIComponent(key)}`).then(order => { put(key, { ...cards.get(key), ...order }); draw(); }, () => {});
  if (chosen === alert.case) show(chosen);
}

function put(key, card) {
  cards.set(key, { at: card.issued, ...card });
  // Those that need nothing more go first when there are very many.
  if (cards.size > 600) [...cards].filter(([, item]) => isDone(item)).slice(0, 100).forEach(([old]) => cards.delete(old));
}
const isDone = card => ['completed', 'returned', 'withdrawn', 'lapsed', 'closed'].includes(card.state) || card.type === 'case-closed';
const isInformation = card => !card.workOrder && card.id === card.case;

function draw() {
  const sorted = [...cards.values()].sort((a, b) => isDone(a) - isDone(b) || b.severity - a.severity || (a.state === 'issued' ? 0 : 1) - (b.state === 'issued' ? 0 : 1) || Date.parse(b.at) - Date.parse(a.at));
  $('cards').replaceChildren(...sorted.map(card => {
    const button = el('button', { type: 'button', className: `card s${card.severity}${isDone(card) ? ' done' : ''}${card.case === chosen ? ' chosen' : ''}${card.fresh ? ' new' : ''}` },
      el('div', { className: 'row' }, el('span', { className: 'subject', textContent: card.subject }), el('span', { className: 'badge', textContent: t('severity')[card.severity] })),
      el('div', { className: 'row' }, el('span', { textContent: `${kindName(card)} · ${stageName(card)}` }), el('strong', { textContent: isInformation(card) ? t('you') : t('states')[card.state] || card.state })),
      el('div', { className: 'dim brief', textContent: say(card.explanation) }),
      el('div', { className: 'row' }, timer('age', card.at), timer('due', isDone(card) ? null : card.deadline)));
    button.onclick = () => { card.fresh = false; show(card.case); };
    return button;
  }));
  const waiting = sorted.filter(card => card.state === 'issued' && !isInformation(card)).length;
  $('count').textContent = waiting ? `(${waiting})` : '';
  document.title = `${waiting ? `(${waiting}) ` : ''}${t('title')}`;
  $('nothing').hidden = sorted.length > 0;
  tick();
}
const stageOf = id => (rules.workflows || []).flatMap(workflow => workflow.stages).find(stage => stage.id === id);
const sceneName = kind => say((rules.decisions?.scenes || []).find(scene => `scene-${scene.id}` === kind)?.name);
const kindName = card => t('kinds')[card.kind] || sceneName(card.kind) || card.kind;
const stageName = card => say(stageOf(card.stage)?.name) || card.stage;

function timer(kind, at) {
  const element = el('span', { className: 'timer dim' });
  element.dataset.kind = kind;
  element.dataset.at = at || '';
  return element;
}

function tick() {
  const now = Date.now() + skewMs;
  for (const element of document.querySelectorAll('.timer')) {
    const at = Date.parse(element.dataset.at);
    if (element.dataset.kind === 'age') {
      element.textContent = Number.isNaN(at) ? '' : t('age', span(now - at));
    } else {
      element.textContent = Number.isNaN(at) ? t('noDue') : at < now ? t('late', span(now - at)) : t('due', span(at - now));
      element.className = `timer ${Number.isNaN(at) ? 'dim' : at < now ? 'late' : at - now < 7200000 ? 'soon' : 'dim'}`;
    }
  }
  if (since) $('lost').textContent = t('lost', clock(since));
}

function connected(is) {
  since = is || !me ? null : since || Date.now();
  $('lost').hidden = !since;
  $('live').className = `live ${is ? 'on' : 'off'}`;
  $('live').textContent = is ? `● ${t('on')}` : `○ ${t('off')}`;
  tick();
}

async function show(id) {
  chosen = id;
  draw();
  try {
    const found = await read(`/api/cases/${encodeURIComponent(id)}`);
    for (const card of cards.values()) if (card.case === id) card.explanation = found.warning.explanation;
    if (chosen === id && !$('detail').querySelector('textarea:focus')) $('detail').replaceChildren(...caseParts(found));
  } catch (error) {
    $('detail').replaceChildren(el('p', { className: 'error', textContent: error.message }));
  }
}

function caseParts(found) {
  const figures = found.warning.evidence.figures || {};
  return [
    el('div', { className: `row s${found.severity}` }, el('span', { className: 'subject', textContent: `${found.subject} · ${kindName(found)}` }), el('span', { className: 'badge', textContent: t('severity')[found.severity] })),
    el('p', { textContent: say(found.warning.explanation) }),
    figures.grossKg && figures.limitKg ? scale(figures.grossKg, figures.limitKg) : null,
    el('p', {}, `${t('case')} ${found.id} · ${named('districts', found.district)} · ${t('states')[found.state] || found.state} · ${t('stage')}: `, el('strong', { textContent: stageName(found) }), ' · ', timer('due', found.deadline)),
    el('p', { className: 'dim', textContent: `${t('why')}: ${found.reason}` }),
    el('h3', { textContent: t('orders') }),
    ...found.workOrders.flatMap(order => [
      el('div', { className: 'row' }, el('span', {}, el('strong', { textContent: named('departments', order.department) }), ` · ${order.role} · ${stageName(order)}`), el('span', { textContent: `${t('states')[order.state] || order.state}${order.outcome ? `: ${named('outcomes', order.outcome, 'code')}` : ''}` }), order.state === 'issued' || order.state === 'accepted' ? timer('due', order.deadline) : ''),
      standing(order) ? el('p', { className: 'dim', textContent: standing(order) }) : null,
      order.allowed.some(action => action === 'approve' || action === 'refuse' ? decides(order) : mine(order)) ? actions(order) : null,
    ]),
    el('h3', { textContent: t('history') }),
    el('table', {}, [...found.history].reverse().map(entry => el('tr', {}, el('td', { className: 'dim', textContent: clock(entry.at) }), el('td', { textContent: entry.what }), el('td', { textContent: entry.by }), el('td', { textContent: entry.note || '' })))),
    el('h3', { textContent: t('figures') }),
    el('table', {}, Object.entries(figures).map(([name, value]) => el('tr', {}, el('td', { textContent: name }), el('td', { textContent: value.toLocaleString('en') })))),
    el('h3', { textContent: t('readings') }),
    el('table', {}, (found.warning.evidence.readings || []).map(item => el('tr', {}, el('td', { textContent: clock(item.at) }), el('td', { textContent: item.source }), el('td', { textContent: item.id }), el('td', { textContent: item.image || '' })))),
  ].filter(Boolean);
}

// Whose work it is; and who decides about what it asks for: the lead for its co-handlers, else the command centre. The server has the last word.
const mine = order => me.role === 'administrator' || (me.role === 'member' && order.department === me.department);
const decides = order => order.department !== me.department && (me.role === 'administrator' || me.department === 'command-centre' || (me.role === 'supervisor' && !me.department) || (me.role === 'member' && order.role !== 'lead'));

// Who does it, what is asked for, until when it rests: in one line.
function standing(order) {
  return [
    order.assignee && `${t('assigned')} ${order.assignee}`,
    order.parkedUntil && `${t('parked')} ${clock(order.parkedUntil)}`,
    order.request && `${order.request.by} ${t('asks')[order.request.kind] || order.request.kind} ${clock(order.request.until)}: ${order.request.reason}`,
  ].filter(Boolean).join(' · ');
}

// What an action needs besides a note; what is asked of a work order is decided by others, whose page shows it.
const needs = { assign: ['person'], 'hand-on': ['department'], rule: ['department', 'departments', 'until'], ask: ['departments'], extend: ['until'], park: ['until'] };
const first = ['accept', 'claim', 'return', 'complete', 'comment', 'resume', 'approve', 'refuse'];

function actions(order) {
  const note = el('textarea', { placeholder: t('note'), maxLength: 1000 });
  const stage = stageOf(order.stage);
  const codes = (order.role === 'lead' ? stage?.outcomes?.map(outcome => outcome.code) : stage?.coHandlerOutcomes) || [];
  const outcome = el('select', { ariaLabel: t('outcome') }, codes.map(code => el('option', { value: code, textContent: named('outcomes', code, 'code') })));
  // What the stage wants to be said as it ends: only what goes with the outcome that is chosen.
  const asked = (order.asks || []).map(field => {
    const input = field.choices ? el('select', {}, el('option', { value: '', textContent: '—' }), field.choices.map(choice => el('option', { value: choice, textContent: t('choices')[choice] || choice }))) : el('input', { maxLength: 300 });
    return { field, input, label: el('label', { textContent: say(field.name) }, input) };
  });
  const record = el('div', { className: 'needs' }, asked.map(each => each.label));
  const isAsked = each => !each.field.outcomes || each.field.outcomes.includes(outcome.value);
  const askAgain = () => asked.forEach(each => { each.label.hidden = !isAsked(each); });
  outcome.onchange = askAgain;
  askAgain();
  const others = (rules.departments || []).filter(department => department.id !== order.department && department.id !== 'command-centre');
  const choice = several => el('select', { multiple: several, size: several ? Math.min(6, others.length) : 1 }, others.map(department => el('option', { value: department.id, textContent: say(department.name) })));
  const fields = { person: el('input', { maxLength: 64 }), department: choice(false), departments: choice(true), until: el('input', { type: 'datetime-local' }) };
  const values = {
    person: () => fields.person.value ? { to: fields.person.value } : null,
    department: () => fields.department.value ? { to: fields.department.value } : null,
    departments: () => ({ departments: [...fields.departments.selectedOptions].map(option => option.value) }),
    until: () => fields.until.value ? { until: new Date(fields.until.value).toISOString() } : null,
  };
  const form = el('div', { className: 'needs' });
  const error = el('p', { className: 'error' });
  const all = el('div', { className: 'buttons' });
  let asking = null;
  const act = async action => {
    if (needs[action] && asking !== action) {
      asking = action;
      form.replaceChildren(el('strong', { textContent: t(action) }), ...needs[action].map(name => el('label', { textContent: t(name) }, fields[name])), el('button', { type: 'button', className: 'main', textContent: t(action), onclick: () => act(action) }));
      form.querySelector('input, select')?.focus();
      return;
    }
    const body = { note: note.value || undefined, outcome: action === 'complete' && outcome.value ? outcome.value : undefined };
    (needs[action] || []).forEach(name => Object.assign(body, values[name]()));
    if (action === 'complete' && asked.length) {
      body.record = Object.fromEntries(asked.filter(each => isAsked(each) && each.input.value).map(each => [each.field.id, each.input.value]));
    }
    const buttons = [...all.querySelectorAll('button'), ...form.querySelectorAll('button')];
    buttons.forEach(button => { button.disabled = true; });
    try {
      const fresh = await read(`/api/workorders/${encodeURIComponent(order.id)}/${action}`, body);
      put(order.id, { ...cards.get(order.id), ...fresh, fresh: false });
      note.blur();
      await show(order.case);
    } catch (problem) {
      error.textContent = problem.message;
      buttons.forEach(button => { button.disabled = false; });
    }
  };
  const offered = order.allowed.filter(action => action === 'approve' || action === 'refuse' ? decides(order) : mine(order) || (action === 'claim' && me.role === 'member' && order.offeredTo?.includes(me.department)));
  const button = action => el('button', { type: 'button', textContent: t(action), className: action === 'accept' || (action === 'complete' && !order.allowed.includes('accept')) ? 'main' : '', onclick: () => act(action) });
  const rest = offered.filter(action => !first.includes(action) && t(action));
  all.append(...offered.filter(action => first.includes(action)).map(button));
  if (rest.length) {
    all.append(el('details', {}, el('summary', { textContent: t('more') }), rest.map(button)));
  }
  return el('div', { className: 'act' }, note, offered.includes('complete') && codes.length ? outcome : '', offered.includes('complete') && asked.length ? record : '', all, form, error);
}

function scale(grossKg, limitKg) {
  const most = Math.max(grossKg, limitKg) * 1.1;
  const bar = el('div', { className: `scale${grossKg > limitKg ? ' over' : ''}` }, el('i'), el('b'), el('em', { textContent: `${t('limit')} ${kg(limitKg)}` }), el('span', { textContent: kg(grossKg) + (grossKg > limitKg ? ` (${t('over')} ${kg(grossKg - limitKg)})` : '') }));
  bar.querySelector('i').style.width = `${grossKg / most * 100}%`;
  for (const mark of bar.querySelectorAll('b, em')) mark.style.left = `${limitKg / most * 100}%`;
  return bar;
}

async function find(plate) {
  chosen = null;
  for (const id of plate.includes('-') ? [plate] : [plate, `${plate}-yellow`, `${plate}-blue`, `${plate}-green`]) {
    try {
      const found = await read(`/api/vehicles/${encodeURIComponent(id)}`);
      const last = found.lastWeighing;
      $('detail').replaceChildren(...[
        el('p', { className: 'subject', textContent: found.id }),
        el('p', { textContent: `${t('lastSeen')}: ${found.lastSeen ? clock(found.lastSeen) : t('none')} · ${t('weighings')}: ${found.weighings}` }),
        last ? el('p', { className: 'dim', textContent: `${clock(last.at)} · ${last.station || ''} · ${t('basis')}: ${(language === 'zh' && last.limitBasisZh) || last.limitBasis || ''}` }) : null,
        last?.limitKg ? scale(last.grossKg, last.limitKg) : last ? el('p', { textContent: kg(last.grossKg) }) : null,
        ...(last?.axleGroups || []).filter(group => group.overKg > 0).map(group => el('p', { className: 'dim', textContent: `${(language === 'zh' && group.basisZh) || group.basis}: ${kg(group.massKg)} (${t('limit')} ${kg(group.limitKg)}, ${t('over')} ${kg(group.overKg)})` })),
        el('h3', { textContent: t('warnings') }),
        ...(found.openWarnings.length ? found.openWarnings.map(item => el('p', { className: `s${item.severity}` }, el('span', { className: 'badge', textContent: t('severity')[item.severity] }), ` ${say(item.explanation)}`)) : [el('p', { textContent: t('none') })]),
      ].filter(Boolean));
      return;
    } catch (error) {
      if (error.status !== 404) { $('detail').replaceChildren(el('p', { className: 'error', textContent: error.message })); return; }
    }
  }
  $('detail').replaceChildren(el('p', { className: 'error', textContent: t('unknownVehicle') }));
}

// What is open for whoever is signed in: the city's, or the department's and district's. The strip is a comfort: it polls, so that a lost stream of alerts is never hidden by a living stream of figures.
let city = null;
function strip() {
  if (!city) return;
  const sum = pick => city.districts.reduce((total, district) => total + pick(district), 0);
  $('city').hidden = false;
  $('city').textContent = t('city', sum(district => district.warnings.reduce((a, b) => a + b, 0)), sum(district => district.cases), sum(district => district.overdue));
}

async function figures() {
  while (me) {
    city = await read('/api/city/figures').catch(() => null) || city;
    if (me) strip();
    await new Promise(resume => setTimeout(resume, 5000));
  }
}

function speak() {
  document.documentElement.lang = language;
  $('language').textContent = language === 'zh' ? 'English' : '中文';
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll('[data-p]')) element.placeholder = t(element.dataset.p);
  connected($('live').classList.contains('on'));
  if (me) { fill(); draw(); if (chosen) show(chosen); else if ($('plate').value.trim()) find($('plate').value.trim()); strip(); }
}

$('enter').onsubmit = event => { event.preventDefault(); token = $('token').value.trim(); $('token').value = ''; enter(); };
$('search').onsubmit = event => { event.preventDefault(); if ($('plate').value.trim()) find($('plate').value.trim()); };
$('leave').onclick = () => leave();
$('language').onclick = () => { language = language === 'zh' ? 'en' : 'zh'; localStorage.setItem('language', language); speak(); };
$('department').onchange = $('district').onchange = follow;
setInterval(tick, 1000);
speak();
if (token) enter();
