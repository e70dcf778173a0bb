import type { ComponentChildren } from 'preact';
import { rulebook } from '../app/session';
import { casePath, subjectPath } from '../app/router';
import type { Warning } from '../api/types';
import { figureName, figureValue } from '../words/figures';
import { clock, count, kindName, language, percent, say, words } from '../words/language';
import { Age, At, Severity } from './bits';
import './warning.css';

const w = words(
  {
    figures: 'Figures', figure: 'Figure', value: 'Value', limit: 'Limit', law: 'Legal source', readings: 'Readings it rests on', scores: 'What the models say', model: 'Model', rulebook: 'Rulebook', version: (n: string) => `version ${n}`, newer: (n: string) => ` (now ${n})`,
    confidence: 'How sure', judge: 'judges', shadow: 'in shadow, decides nothing', 'built-in': 'rule that is built in', threshold: (s: string) => `from ${s} on`, since: 'Since', count: 'Readings that say so', more: (n: string) => `and ${n} more`,
    noFigures: 'It rests on no figures.', case: (id: string) => `Case ${id}`, noCase: 'no case yet', position: 'Where', none: 'Nothing is open.', title: 'Open warnings', why: 'Why this warning', told: 'Handling', late: 'told late, from recorded readings', changed: 'Last change', score: 'Score',
  },
  {
    figures: '数据', figure: '指标', value: '数值', limit: '限值', law: '法规依据', readings: '依据的读数', scores: '模型评分', model: '模型', rulebook: '规则库', version: n => `第${n}版`, newer: n => `（现行第${n}版）`,
    confidence: '置信度', judge: '判定', shadow: '影子运行，不作判定', 'built-in': '内置规则', threshold: s => `阈值${s}`, since: '起始', count: '支持读数', more: n => `另有${n}条`,
    noFigures: '无数据指标。', case: id => `案件${id}`, noCase: '尚未立案', position: '位置', none: '暂无未解除告警。', title: '未解除告警', why: '告警原因', told: '处理', late: '补传数据产生', changed: '最近变化', score: '评分',
  },
);

/** A legal source as the reader's language writes it: the server has the act's Chinese name with the article in English. */
export const legal = (text: string): string => (language.value === 'zh' ? text.replace(/\s*Arts?\. ([\d, -]+)/g, (_, n: string) => `第${n.trim()}条`).replace(/\s*\(not verified\)/, '（未核实）') : text);

const LIMIT_NAMES: [RegExp, (m: RegExpExecArray) => string][] = [
  [/^([\d,.]+ \S+): (rigid truck|combination|.*) with (\d+) axles.*$/, m => `${m[1]}：${m[3]}轴${m[2] === 'rigid truck' ? '载货汽车' : m[2] === 'combination' ? '汽车列车' : '车辆'}`],
  [/^pressure (.*)$/, m => `压力${band(m[1])}`],
  [/^temperature (.*)$/, m => `温度${band(m[1])}`],
  [/^level (.*)$/, m => `液位${band(m[1])}`],
  [/^toxic gas (.*)$/, m => `有毒气体${band(m[1])}`],
  [/^combustible gas (.*)$/, m => `可燃气体${band(m[1])}`],
  [/^(\S+): a difference of at most (.*)$/, m => `${m[1]}：差额不超过${m[2]}`],
  [/^(\S+) at most (.*)$/, m => `${m[1]}不超过${m[2]}`],
  [/^a valid permit for the substance$/, () => '须有该物质的有效许可'],
  [/^valve shut in transit$/, () => '途中阀门应关闭'],
];
const band = (text: string) => text.replace(/high-high/, '高高限').replace(/low-low/, '低低限').replace(/high/, '高限').replace(/low/, '低限');

/** The limit is English on the server. What is known of its wordings is said in Chinese; of others the figures say it. */
function limitText(text: string): string | null {
  if (language.value !== 'zh') return text;
  for (const [pattern, wording] of LIMIT_NAMES) {
    const match = pattern.exec(text);
    if (match) return wording(match);
  }
  return null;
}

/** Figures that are the point of the warning are marked: what is over, and by how much. */
const isOver = (code: string) => /(^|\.)(over|axlesOver|hiddenOver|difference)(Kg|Pct)$/.test(code);

function Figures({ of }: { of: Record<string, number | string> }) {
  const codes = Object.keys(of).filter(code => code !== 'latitudeDeg' && code !== 'longitudeDeg');
  if (codes.length === 0) return null;
  return (
    <div>
      <h4>{w('figures')}</h4>
      <table>
        <caption class="hidden">{w('figures')}</caption>
        <thead class="hidden">
          <tr>
            <th scope="col">{w('figure')}</th>
            <th scope="col">{w('value')}</th>
          </tr>
        </thead>
        <tbody>
          {codes.map(code => {
            const { name, of: whose } = figureName(code);
            return (
              <tr key={code} class={isOver(code) ? 'over' : ''}>
                <th scope="row">
                  {whose ? `${whose} · ` : ''}
                  {name}
                </th>
                <td class="number">{figureValue(code, of[code])}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Scores({ of }: { of: NonNullable<Warning['scores']> }) {
  return (
    <div>
      <h4>{w('scores')}</h4>
      {of.map(each => (
        <div class="score" key={`${each.model}/${each.part}`}>
          <span>
            {each.model} <span class="dim">({['judge', 'shadow', 'built-in'].includes(each.part) ? w(each.part as 'judge') : each.part})</span>
          </span>
          <strong class="number">{percent(each.score, 2)}</strong>
          <div class="score-bar" role="img" aria-label={`${w('score')} ${percent(each.score, 2)}${each.threshold != null ? `, ${w('threshold', percent(each.threshold))}` : ''}`}>
            <i style={{ width: `${Math.max(0, Math.min(1, each.score)) * 100}%` }} />
            {each.threshold != null && <b style={{ left: `${each.threshold * 100}%` }} />}
          </div>
          {each.threshold != null && <small class="dim">{w('threshold', percent(each.threshold))}</small>}
        </div>
      ))}
    </div>
  );
}

const Line = ({ name, children }: { name: string; children: ComponentChildren }) => (
  <div>
    <h4>{name}</h4>
    {children}
  </div>
);

/** Why there is this warning: in words, then the figures, the limit and the law that it goes by, the readings, what the models say, and which version of the rules judged. */
export function WhyWarning({ warning }: { warning: Warning }) {
  const { evidence } = warning;
  const figures = evidence?.figures ?? {};
  const readings = evidence?.readings ?? [];
  const limit = evidence?.limit ? limitText(evidence.limit) : null;
  const lat = Number(figures.latitudeDeg);
  const lon = Number(figures.longitudeDeg);
  return (
    <div class="why" data-test="why">
      <p>{say(warning.explanation)}</p>
      <div class="why-columns">
        <Figures of={figures} />
        <div class="why">
          {limit && <Line name={w('limit')}>{limit}</Line>}
          {evidence?.legalSource && <Line name={w('law')}>{legal(evidence.legalSource)}</Line>}
          {Number.isFinite(lat) && Number.isFinite(lon) && (
            <Line name={w('position')}>
              <a href={`/?at=${lon},${lat},15`}>
                {lat.toFixed(5)}°, {lon.toFixed(5)}°
              </a>
            </Line>
          )}
          {readings.length > 0 && (
            <Line name={w('readings')}>
              <ul>
                {readings.slice(0, 8).map(each => (
                  <li key={`${each.source}/${each.id}`}>
                    <a href={subjectPath('source', each.source)}>{each.source}</a> · <At at={each.at} /> <small class="dim">{each.id}</small>
                  </li>
                ))}
                {readings.length > 8 && <li class="dim">{w('more', count(readings.length - 8))}</li>}
              </ul>
            </Line>
          )}
          <Line name={w('confidence')}>
            {percent(warning.confidence, 2)}
          </Line>
          {warning.scores?.length ? <Scores of={warning.scores} /> : <Line name={w('model')}>{warning.model}</Line>}
          <Line name={w('rulebook')}>
            {w('version', count(warning.rulebook))}
            {rulebook.value.version && rulebook.value.version !== warning.rulebook ? <span class="dim">{w('newer', count(rulebook.value.version))}</span> : null}
          </Line>
        </div>
      </div>
    </div>
  );
}

/** One warning with its head: severity, what it is, since when, its case; and why. */
export function WarningCard({ warning, open = true }: { warning: Warning; open?: boolean }) {
  return (
    <article class={`panel warning-card s${warning.severity}`} data-test="warning" aria-label={kindName(warning.kind)}>
      <div class="warning-head">
        <Severity of={warning.severity} />
        <h3>{kindName(warning.kind)}</h3>
        <span title={clock(warning.since)}>
          <Age at={warning.since} />
        </span>
        <span class="dim">
          {w('count')}: {count(warning.count)}
        </span>
        {!warning.live && <span class="tag">{w('late')}</span>}
        <span class="grow" />
        {warning.case ? (
          <a class="button" href={casePath(warning.case)} data-test="warning-case">
            {w('case', warning.case)}
          </a>
        ) : (
          <span class="dim">{w('noCase')}</span>
        )}
      </div>
      {open ? (
        <WhyWarning warning={warning} />
      ) : (
        <details>
          <summary>{w('why')}</summary>
          <WhyWarning warning={warning} />
        </details>
      )}
    </article>
  );
}

/** The open warnings of a subject, the gravest first. */
export function OpenWarnings({ warnings }: { warnings: Warning[] }) {
  const sorted = [...warnings].sort((a, b) => b.severity - a.severity || b.since.localeCompare(a.since));
  return (
    <section aria-labelledby="open-warnings">
      <h2 id="open-warnings" class="section-title">
        {w('title')} {sorted.length > 0 && <span class="dim">({count(sorted.length)})</span>}
      </h2>
      {sorted.length === 0 ? <p class="panel good">{w('none')}</p> : sorted.slice(0, 50).map((each, i) => <WarningCard key={each.id} warning={each} open={i < 2} />)}
    </section>
  );
}
