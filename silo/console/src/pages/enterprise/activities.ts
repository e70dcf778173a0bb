import { language } from '../../words/language';

const names: Record<string, [string, string]> = { produce: ['produce', '生产'], use: ['use', '使用'], trade: ['trade', '经营'], transport: ['transport', '运输'], store: ['store', '储存'], dispose: ['dispose of', '处置'] };

/** What somebody does, or may do, with dangerous goods. */
export const activities = (codes: unknown): string =>
  (Array.isArray(codes) ? codes.map(String) : typeof codes === 'string' ? codes.split(' ') : []).map(code => names[code]?.[language.value === 'zh' ? 1 : 0] ?? code).join(language.value === 'zh' ? '、' : ', ');
