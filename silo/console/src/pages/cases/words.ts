import { departmentName, districtName, outcomeName, rulebook, stageName } from '../../app/session';
import { choiceName, clock, kindName, language, percent, say, severityName } from '../../words/language';
import type { Entry } from './model';

const names = {
  en: {
    actions: {
      accept: 'Accept', claim: 'Claim', return: 'Return', complete: 'Complete', comment: 'Comment', notify: 'Notice to the subject', assign: 'Assign', 'hand-on': 'Hand on', dispute: 'Dispute', rule: 'Rule whose it is', ask: 'Ask to co-handle',
      extend: 'Ask for more time', park: 'Ask to park', resume: 'Go on', approve: 'Approve', refuse: 'Refuse', attachments: 'Attach', reopen: 'Open again', 'call-back': 'Record a call-back', archive: 'Archive',
    },
    hints: {
      accept: 'Takes it on.', claim: 'Takes it on for yourself, or for your department where it is offered.', return: 'It is not your department’s. The matrix or the command centre names another.', complete: 'Ends it with what was found or done.', comment: 'Adds a note or files.',
      notify: 'Sends what you ask for to the subject of the case, who answers over a link.', assign: 'Gives it to a person of the department.', 'hand-on': 'Says which department should do it. The second time the command centre decides.', dispute: 'It is nobody’s, or several departments’: the command centre rules.',
      rule: 'Names the lead and who works beside it.', ask: 'Asks other departments to work beside yours.', extend: 'Asks for a later deadline. Until it is decided the clock runs on.', park: 'Asks to let it rest until a date. Its clock stands still then.', resume: 'Ends the rest before its date.', approve: 'Grants what was asked for.', refuse: 'Does not grant it.',
      reopen: 'It was not over: it begins again at its first stage.', 'call-back': 'What the reporter said when asked. A dissatisfied one opens the case again.', archive: 'Ends it for good.',
    },
    roles: { lead: 'lead', 'co-handler': 'co-handler', informed: 'for information', supervisor: 'supervises' },
    whats: {
      opened: 'Opened', stage: 'Stage', issued: 'Work order', accepted: 'Accepted', claimed: 'Claimed', completed: 'Completed', comment: 'Comment', assigned: 'Assigned', returned: 'Returned', 'handed-on': 'Handed on', disputed: 'Disputed', ruled: 'Ruled', asked: 'Co-handlers asked',
      withdrawn: 'Withdrawn', offered: 'Offered', 'due-soon': 'Due soon', overdue: 'Overdue', urged: 'Urged', escalated: 'Escalated', lapsed: 'Lapsed', 'not-accepted': 'Not accepted in time', 'extend-requested': 'More time asked for', 'park-requested': 'Parking asked for',
      'extend-approved': 'Extension granted', 'extend-refused': 'Extension refused', 'park-approved': 'Parked', 'park-refused': 'Parking refused', resumed: 'Goes on', closed: 'Closed', reopened: 'Opened again', 'called-back': 'Called back', archived: 'Archived', 'warning-joined': 'Warning again',
      'warning-cleared': 'Warning cleared', 'severity-rose': 'Graver', 'report-joined': 'Report joined', split: 'Split', merged: 'Merged', 'merged-in': 'Merged in', 'merge-undone': 'Merge undone', 'earlier-cases': 'Earlier cases', notice: 'Notice', 'notice-not-sent': 'Notice not sent', 'notice-answered': 'Notice answered', 'notice-delivered': 'Notice delivered',
      'notice-opened': 'Notice opened', 'notice-failed': 'Notice reached nobody', 'notice-expired': 'Notice not answered', erased: 'Text erased', earlier: 'Earlier entries', 'chain-begins': 'Chain begins', sealed: 'Copy kept', 'storm-joined': 'Warnings of others', 'storm-cleared': 'Warning of another cleared', 'warning-held': 'Warning held back', 'notice-withdrawn': 'Notice withdrawn', attached: 'Attached',
    } as Record<string, string>,
    alerts: {
      'work-order': 'New work order', completed: 'Completed', returned: 'Returned', withdrawn: 'Withdrawn', overdue: 'Overdue', urge: 'Urged', escalated: 'Escalated', 'due-soon': 'Due soon', 'not-accepted': 'Not accepted in time', requested: 'To be decided', approved: 'Granted', refused: 'Refused', resumed: 'Goes on', reopened: 'Open again',
      'warning-updated': 'Graver', 'warnings-joined': 'Warnings of others', 'notice-answered': 'Notice answered', 'notice-failed': 'Notice reached nobody', 'case-closed': 'Case closed', offered: 'May be claimed', claimed: 'Claimed by another', lapsed: 'Lapsed', gap: 'Missed while away',
    } as Record<string, string>,
    evidence: { reading: 'Reading', picture: 'Picture', register: 'Register entry', attachment: 'Attachment' } as Record<string, string>,
    copies: { wanted: 'being fetched', kept: 'kept', failed: 'cannot be had' } as Record<string, string>,
    notices: { issued: 'on its way', waiting: 'waiting', delivered: 'delivered', failed: 'reached nobody', opened: 'opened', answered: 'answered', expired: 'not answered in time', withdrawn: 'withdrawn', dropped: 'dropped' } as Record<string, string>,
    reports: { filed: 'taken', open: 'being handled', closed: 'to be called back', 'called-back': 'called back' } as Record<string, string>,
    channels: { hotline: 'Hotline', grid: 'Grid worker', app: 'App' } as Record<string, string>,
    results: { satisfied: 'satisfied', dissatisfied: 'dissatisfied', merged: 'merged' } as Record<string, string>,
    subjects: { vehicle: 'Vehicle', enterprise: 'Enterprise', place: 'Place', source: 'Source', report: 'Reported' } as Record<string, string>,
    who: { dispatcher: 'dispatcher', clock: 'clock', subject: 'the subject' } as Record<string, string>,
    rule: (number: string, name: string) => `Rule ${number} of the matrix (${name})`,
    decided: (name: string, by: string) => `Rule “${name}” of the matrix, decided by ${by}`,
    noRule: 'No rule of the matrix names a department: the command centre decides',
    earlier: (n: string) => `${n} earlier entries are in the dossier`, times: (n: string) => `${n} times`, closedCase: 'the case was closed', leadsNow: 'the department leads now', mergedInto: (id: string) => `into ${id}`, due: (at: string, accept: boolean) => (accept ? `was to be accepted by ${at}` : `due ${at}`), until: (at: string) => `until ${at}`,
    local: 'local plate', other: 'plate from elsewhere',
  },
  zh: {
    actions: {
      accept: '签收', claim: '认领', return: '退回', complete: '办结', comment: '批注', notify: '告知当事人', assign: '指派', 'hand-on': '转办', dispute: '争议上报', rule: '裁定责任单位', ask: '请求协办',
      extend: '申请延期', park: '申请挂账', resume: '恢复办理', approve: '批准', refuse: '不批准', attachments: '上传附件', reopen: '重新办理', 'call-back': '登记回访', archive: '归档',
    },
    hints: {
      accept: '接收并开始办理。', claim: '由本人办理；对开放认领的案件，由本部门认领。', return: '不属本部门职责，退回后由责任清单或指挥中心另行指定。', complete: '填写核查或处置结果并办结。', comment: '补充说明或附件。',
      notify: '把要求发给当事人，当事人通过链接答复。', assign: '指派给本部门经办人。', 'hand-on': '指明应由哪个部门办理；第二次转办由指挥中心裁定。', dispute: '职责不清或涉及多个部门，提请指挥中心裁定。',
      rule: '指定牵头部门和协办部门。', ask: '请其他部门协办。', extend: '申请延长时限；批准前照常计时。', park: '申请挂账至指定日期，挂账期间停止计时。', resume: '提前结束挂账。', approve: '同意申请。', refuse: '不同意申请。',
      reopen: '问题未解决，从第一环节重新办理。', 'call-back': '登记回访结果；不满意的案件将重新办理。', archive: '最终归档，不再变动。',
    },
    roles: { lead: '牵头', 'co-handler': '协办', informed: '知悉', supervisor: '督办' },
    whats: {
      opened: '立案', stage: '进入环节', issued: '派单', accepted: '签收', claimed: '认领', completed: '办结', comment: '批注', assigned: '指派', returned: '退回', 'handed-on': '转办', disputed: '争议上报', ruled: '裁定', asked: '请求协办',
      withdrawn: '撤回', offered: '开放认领', 'due-soon': '即将到期', overdue: '逾期', urged: '催办', escalated: '督办', lapsed: '逾期转办', 'not-accepted': '逾期未签收', 'extend-requested': '申请延期', 'park-requested': '申请挂账',
      'extend-approved': '批准延期', 'extend-refused': '不批准延期', 'park-approved': '批准挂账', 'park-refused': '不批准挂账', resumed: '恢复办理', closed: '结案', reopened: '重新办理', 'called-back': '回访', archived: '归档', 'warning-joined': '再次告警',
      'warning-cleared': '告警解除', 'severity-rose': '等级上升', 'report-joined': '并入上报', split: '拆分', merged: '并案', 'merged-in': '并入本案', 'merge-undone': '并案未成', 'earlier-cases': '历史案件', notice: '告知', 'notice-not-sent': '告知未发出', 'notice-answered': '当事人答复', 'notice-delivered': '告知送达',
      'notice-opened': '告知已查看', 'notice-failed': '告知未送达', 'notice-expired': '告知逾期未复', erased: '文字已清除', earlier: '更早记录', 'chain-begins': '存证链开始', sealed: '已存证', 'storm-joined': '其他对象告警', 'storm-cleared': '其他对象告警解除', 'warning-held': '告警暂缓', 'notice-withdrawn': '告知撤回', attached: '附件',
    } as Record<string, string>,
    alerts: {
      'work-order': '新工单', completed: '已办结', returned: '已退回', withdrawn: '已撤回', overdue: '已逾期', urge: '催办', escalated: '督办', 'due-soon': '即将到期', 'not-accepted': '逾期未签收', requested: '待审批', approved: '已批准', refused: '未批准', resumed: '恢复办理', reopened: '重新办理',
      'warning-updated': '等级上升', 'warnings-joined': '其他对象告警', 'notice-answered': '当事人已答复', 'notice-failed': '告知未送达', 'case-closed': '已结案', offered: '可认领', claimed: '已被认领', lapsed: '逾期转办', gap: '离线期间有遗漏',
    } as Record<string, string>,
    evidence: { reading: '原始数据', picture: '图片', register: '登记信息', attachment: '附件' } as Record<string, string>,
    copies: { wanted: '正在获取', kept: '已存证', failed: '无法获取' } as Record<string, string>,
    notices: { issued: '发送中', waiting: '待发送', delivered: '已送达', failed: '未送达', opened: '已查看', answered: '已答复', expired: '逾期未复', withdrawn: '已撤回', dropped: '已取消' } as Record<string, string>,
    reports: { filed: '已受理', open: '办理中', closed: '待回访', 'called-back': '已回访' } as Record<string, string>,
    channels: { hotline: '热线', grid: '网格员', app: '随手拍' } as Record<string, string>,
    results: { satisfied: '满意', dissatisfied: '不满意', merged: '已并案' } as Record<string, string>,
    subjects: { vehicle: '车辆', enterprise: '企业', place: '地点', source: '数据源', report: '群众上报' } as Record<string, string>,
    who: { dispatcher: '调度', clock: '计时', subject: '当事人' } as Record<string, string>,
    rule: (number: string, name: string) => `责任清单第${number}条（${name}）`,
    decided: (name: string, by: string) => `责任清单“${name}”，由${by}确定`,
    noRule: '责任清单未指定部门，由指挥中心裁定',
    earlier: (n: string) => `更早的${n}条见案卷`, times: (n: string) => `共${n}次`, closedCase: '案件已结案', leadsNow: '该部门已转为牵头', mergedInto: (id: string) => `并入${id}`, due: (at: string, accept: boolean) => (accept ? `应于${at}前签收` : `时限${at}`), until: (at: string) => `至${at}`,
    local: '本省号牌', other: '外省号牌',
  },
};

const now = () => names[language.value];
const named = (group: Record<string, string>, code: string) => group[code] ?? code;
export const actionName = (action: string) => named(now().actions, action);
export const actionHint = (action: string) => (now().hints as Record<string, string>)[action] ?? '';
export const roleName = (role: string) => named(now().roles, role);
export const whatName = (what: string) => named(now().whats, what);
export const alertName = (type: string) => named(now().alerts, type);
export const evidenceName = (kind: string) => named(now().evidence, kind);
export const copyName = (state: string) => named(now().copies, state);
export const noticeName = (state: string) => named(now().notices, state);
export const reportStateName = (state: string) => named(now().reports, state);
export const channelName = (channel: string) => named(now().channels, channel);
export const resultName = (code: string) => named(now().results, code) !== code ? named(now().results, code) : outcomeName(code);
export const subjectKindName = (kind: string) => named(now().subjects, kind);

/** Who did something: a person's token, or a part of the system, which has a word. */
export const whoName = (by: string | undefined, id: string) => (!by || by === id ? '' : named(now().who, by));

/** Why a case is whose it is. The server says it in one shape, which is put into the reader's language; another shape is shown as it is. */
export function routingReason(reason: string | undefined): string {
  if (!reason) return '';
  if (reason.startsWith('no rule')) return now().noRule;
  const parts = /^(?:rule (\d+) \((.+?)\)|rule (.+?), decided by (.+?)): (.+)$/.exec(reason);
  if (!parts) return reason;
  const [, number, name, ruled, by, rest] = parts;
  const stop = language.value === 'zh' ? '：' : ': ';
  const facts = rest!.split(', ').map(fact => {
    const [word, ...value] = fact.split(' ');
    const what = value.join(' ');
    if (word === 'kind') return kindName(what);
    if (word === 'district') return districtName(what);
    if (word === 'severity') return severityName(Number(what));
    return fact.endsWith('(local)') ? now().local : fact.endsWith('(other)') ? now().other : fact;
  });
  return (number ? now().rule(number, name!) : now().decided(ruled!, by!)) + stop + facts.join(language.value === 'zh' ? '、' : ', ');
}

const recordName = (workflow: string, id: string) =>
  say(rulebook.value.workflows.find(item => item.id === workflow)?.stages.flatMap(stage => stage.record ?? []).find(field => field.id === id)?.name) || id;

/** What a line of the history says besides, with codes put into words. What a person wrote stays as it is. */
export function noteOf(entry: Entry, workflow: string): string {
  const note = entry.note ?? '';
  const zh = language.value === 'zh';
  const [stop, semicolon] = zh ? ['：', '；'] : [': ', '; '];
  if (entry.what === 'stage') return stageName(workflow, note);
  if (entry.what === 'opened') {
    const [reason, rest] = note.split(' → ');
    const lead = rest?.split(', workflow ')[0];
    return lead ? `${routingReason(reason)} → ${departmentName(lead)}` : note;
  }
  if (entry.what === 'issued') {
    const space = note.indexOf(' ');
    return space > 0 ? `${departmentName(note.slice(space + 1))} · ${roleName(note.slice(0, space))}` : note;
  }
  if (entry.what === 'closed') return resultName(note);
  if (entry.what === 'completed' || entry.what === 'reopened' || entry.what === 'called-back') {
    // "corrected: a note [why: seen there; not-seen: nobody-there]": the code, what was written, and the stage's record.
    const [, said = note, record] = /^(.*?)(?: \[([^[\]]*)\])?$/s.exec(note) ?? [];
    const colon = said.indexOf(': ');
    const [code, words] = colon < 0 ? [said, ''] : [said.slice(0, colon), said.slice(colon + 2)];
    const fields = record?.split('; ').map(field => {
      const at = field.indexOf(': ');
      return at < 0 ? field : `${recordName(workflow, field.slice(0, at))}${stop}${choiceName(field.slice(at + 2))}`;
    });
    return [[resultName(code), words].filter(Boolean).join(stop), fields?.join(semicolon)].filter(Boolean).join(semicolon);
  }
  if (entry.what === 'ruled' || entry.what === 'handed-on' || (entry.what === 'claimed' && rulebook.value.departments.some(item => note === item.id || note.startsWith(`${item.id}: `)))) {
    // "traffic-police, with transport, to be accepted by 2026-12-01 08:00Z: a note", each part but the first as it was needed.
    const [, lead, others, accept, said] = /^([\w.-]+)(?:, with ([\w., -]+?))?(?:, to be accepted by (\S+ \S+Z))?(?:: ?(.*))?$/s.exec(note) ?? [];
    if (lead) {
      const parts = [departmentName(lead), others && `${roleName('co-handler')} ${others.split(', ').map(departmentName).join(zh ? '、' : ', ')}`, accept && now().due(clock(accept.replace(' ', 'T')), true)].filter(Boolean).join(zh ? '，' : ', ');
      return said ? parts + stop + said : parts;
    }
  }
  if (entry.what === 'offered' || entry.what === 'asked') {
    const [ids, ...said] = note.split(': ');
    return [ids!.split(', ').map(departmentName).join(zh ? '、' : ', '), ...said].join(stop);
  }
  const earlier = /^(\d+) earlier entries/.exec(note);
  if (entry.what === 'earlier' && earlier) return now().earlier(earlier[1]!);
  if (entry.what === 'withdrawn') {
    if (note === 'the case is closed') return now().closedCase;
    if (note === 'the department leads now') return now().leadsNow;
    const merged = /^the case was merged into (\S+): (.*)$/s.exec(note);
    if (merged) return now().mergedInto(merged[1]!) + stop + merged[2];
  }
  const into = /^into (\S+): (.*)$/s.exec(note);
  if (entry.what === 'merged' && into) return now().mergedInto(into[1]!) + stop + into[2];
  // What a model or a report says again is counted by the server: "2 times, last: severity 3, confidence 0.95".
  const again = /^(?:(\d+) times, last: )?(?:severity (\d), confidence ([\d.]+)(.*))?$/.exec(note);
  if (again && again[2]) return [again[1] && now().times(again[1]), severityName(Number(again[2])), percent(Number(again[3]), 0), again[4]?.replace(/^,? */, '')].filter(Boolean).join(zh ? '，' : ', ');
  const due = /^was (due|to be accepted by) (\S+ \S+Z)$/.exec(note) ?? /^(due) (\S+ \S+Z)$/.exec(note);
  if (due) return now().due(clock(due[2]!.replace(' ', 'T')), due[1] !== 'due');
  const until = /^until (\S+ \S+Z)(?:: (.*))?$/s.exec(note);
  if (until) return [now().until(clock(until[1]!.replace(' ', 'T'))), until[2]].filter(Boolean).join(stop);
  return note;
}
