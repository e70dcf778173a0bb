import { words } from '../../words/language';

const w = words(
  {
    member: 'member', operator: 'operator', supervisor: 'supervisor', inspector: 'inspector', administrator: 'administrator', look: 'looked', change: 'changed',
    'work-order': 'work order', completed: 'completed', returned: 'returned', withdrawn: 'withdrawn', overdue: 'overdue', urge: 'urged', escalated: 'escalated', 'due-soon': 'due soon', 'not-accepted': 'not accepted', requested: 'asked for time', approved: 'granted', refused: 'refused', resumed: 'resumed', reopened: 'reopened',
    'warning-updated': 'warning updated', 'warnings-joined': 'warnings joined', 'notice-answered': 'notice answered', 'notice-failed': 'notice failed', offered: 'offered', claimed: 'claimed', lapsed: 'lapsed', 'case-closed': 'case closed', vehicle: 'vehicle', enterprise: 'enterprise', place: 'place', source: 'source', case: 'case', report: 'report', scene: 'scene', token: 'token', device: 'device', model: 'model', silence: 'silence', webhook: 'webhook', 'routing-rule': 'routing rule', 'routing-offer': 'offered rule', scoreboard: 'scoreboard', notice: 'notice', map: 'map', active: 'active', disabled: 'stopped', removed: 'removed', enabled: 'in force',
  },
  {
    member: '部门成员', operator: '值班员', supervisor: '督导', inspector: '检查员', administrator: '管理员', look: '查看', change: '变更',
    'work-order': '工单', completed: '已办结', returned: '已退回', withdrawn: '已撤回', overdue: '逾期', urge: '催办', escalated: '升级', 'due-soon': '即将到期', 'not-accepted': '未签收', requested: '申请延期或挂账', approved: '已同意', refused: '已拒绝', resumed: '已恢复', reopened: '已重开',
    'warning-updated': '预警更新', 'warnings-joined': '预警合并', 'notice-answered': '告知已答复', 'notice-failed': '告知失败', offered: '待认领', claimed: '已认领', lapsed: '逾期转办', 'case-closed': '已结案', vehicle: '车辆', enterprise: '企业', place: '地点', source: '数据源', case: '案件', report: '上报', scene: '场景', token: '令牌', device: '设备', model: '模型', silence: '静默', webhook: '推送订阅', 'routing-rule': '派单规则', 'routing-offer': '建议规则', scoreboard: '办理情况', notice: '告知', map: '地图', active: '推送中', disabled: '已停止', removed: '已删除', enabled: '生效中',
  },
);

export const roles = ['member', 'operator', 'supervisor', 'inspector', 'administrator'] as const;
export const alertTypes = [
  'work-order', 'completed', 'returned', 'withdrawn', 'overdue', 'urge', 'escalated', 'due-soon', 'not-accepted', 'requested', 'approved', 'refused', 'resumed', 'reopened', 'warning-updated', 'warnings-joined', 'notice-answered', 'notice-failed', 'offered', 'claimed', 'lapsed', 'case-closed',
] as const;
type Word = Parameters<typeof w>[0];
const subjects = ['vehicle', 'enterprise', 'place', 'source', 'case', 'report', 'scene', 'token', 'device', 'model', 'silence', 'webhook', 'routing-rule', 'routing-offer', 'scoreboard', 'notice', 'map'];
const known = new Set<string>([...roles, ...alertTypes, ...subjects, 'look', 'change', 'active', 'disabled', 'removed', 'enabled']);
/** A role, a type of alert, a kind of subject, a sort of entry, or a state, in the reader's language. */
export const codeName = (code: string) => (known.has(code) ? w(code as Word) : code);
