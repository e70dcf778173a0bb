import { figures } from '../../app/figures';
import { district } from '../../app/session';
import { Figure } from '../../parts/bits';
import { count, percent, quantity, severityName, words } from '../../words/language';
import { fixed } from './points';

const w = words(
  {
    figures: 'Figures', readings: 'Readings', perSecond: '/s', open: (severity: string) => `Warnings: ${severity}`, overdue: 'Overdue cases', silent: 'Silent sources', rate: 'Overloaded today', before: (p: string) => `whole day a week ago ${p}`, of: (a: string, b: string) => `${a} of ${b} weighed were over the limit`, cases: 'Open cases',
  },
  {
    figures: '关键指标', readings: '读数', perSecond: '条/秒', open: severity => `当前预警：${severity}`, overdue: '逾期案件', silent: '失联数据源', rate: '今日超限率', before: p => `上周同日全天${p}`, of: (a, b) => `称重${b}辆次，超限${a}辆次`, cases: '在办案件',
  },
);

const rateOf = (of: { weighed: number; over: number }) => (of.weighed > 0 ? of.over / of.weighed : null);

/** The figures that matter now, of the whole city or of the chosen district. */
export function CityFigures() {
  const all = figures.value;
  const here = district.value;
  const districts = (all?.districts ?? []).filter(each => here === '*' || each.district === here || each.district.startsWith(`${here}.`));
  const bySeverity = here === '*' && all?.bySeverity ? all.bySeverity : districts.reduce((sum, each) => sum.map((n, i) => n + each.warnings[i]), [0, 0, 0, 0]);
  const overdue = here === '*' && all?.overdue !== undefined ? all.overdue : districts.reduce((sum, each) => sum + each.overdue, 0);
  const cases = districts.reduce((sum, each) => sum + each.cases, 0);
  const silent = all?.silentSources ?? (fixed.value ? fixed.value.filter(point => point.state === 'silent').length : null);
  const today = all?.overloadRate && rateOf(all.overloadRate.today);
  const before = all?.overloadRate && rateOf(all.overloadRate.weekAgo);
  const change = today != null && before != null ? (today - before) * 100 : null;
  return (
    <section class="figures city-figures" aria-label={w('figures')} data-test="city-figures">
      {[4, 3, 2, 1].map(severity => (
        <Figure key={severity} name={w('open', severityName(severity))} value={all ? count(bySeverity[severity - 1]) : '…'} tone={`s${severity}`} href={`/cases?severity=${severity}`} />
      ))}
      <Figure name={w('cases')} value={all ? count(cases) : '…'} href="/cases" />
      <Figure name={w('overdue')} value={all ? count(overdue) : '…'} tone={overdue > 0 ? 'late' : ''} href="/cases?overdue=yes" />
      {silent !== null && <Figure name={w('silent')} value={count(silent)} tone={silent > 0 ? 'late' : ''} href="/sources?state=silent" />}
      {all?.readingsPerSecond != null && <Figure name={w('readings')} value={quantity(all.readingsPerSecond, w('perSecond'), 0)} />}
      {today != null && all?.overloadRate && (
        <Figure
          name={w('rate')}
          title={w('of', count(all.overloadRate.today.over), count(all.overloadRate.today.weighed))}
          href="/supervision"
          value={
            <>
              {percent(today)}
              {before != null && (
                <small class={`rate-change ${change! > 0.05 ? 'late' : change! < -0.05 ? 'good' : 'dim'}`}>
                  {' '}
                  {change! > 0.05 ? '▲' : change! < -0.05 ? '▼' : '＝'} {w('before', percent(before))}
                </small>
              )}
            </>
          }
        />
      )}
    </section>
  );
}
