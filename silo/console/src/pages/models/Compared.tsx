import { get, part, query } from '../../api/client';
import { route, setQuery } from '../../app/router';
import { At, Figure, Table } from '../../parts/bits';
import { Share } from '../../parts/bars';
import { Shown, useLoad } from '../../parts/load';
import { count, percent, words } from '../../words/language';
import { MetricsOf } from './Learned';
import type { Comparison } from './shapes';

const w = words(
  {
    title: 'Judge and shadow on closed cases', since: 'Since', cases: 'Cases compared', true_: 'Found so', false_: 'Not so', closed: 'Closed', unlabelled: 'Outcome does not say', unscored: 'Not scored by both', threshold: 'Threshold for both', own: 'each its own', judge: 'Judge', shadow: 'Shadow', calibration: 'Calibration', score: 'Score', found: 'Found so', number: 'Cases', good: 'A well calibrated model: of what it scores 70 to 80 %, about three quarters are found so.', stations: 'By station', station: 'Station',
    precision: 'Precision', recall: 'Recall', cut: 'Only the newest closed cases were compared.', none: 'No case that both scored was closed yet. Wait until some are.', mean: 'mean score', noStations: 'No station yet.',
  },
  {
    title: '判定模型与影子模型在结案案件上的对比', since: '起始', cases: '对比案件', true_: '属实', false_: '不属实', closed: '结案', unlabelled: '结果未定性', unscored: '未被双方评分', threshold: '统一阈值', own: '各自阈值', judge: '判定', shadow: '影子', calibration: '校准', score: '评分', found: '属实占比', number: '案件', good: '校准良好的模型：评分70%至80%的案件约有四分之三属实。', stations: '按站点', station: '站点',
    precision: '准确率', recall: '召回率', cut: '仅对比最近结案的案件。', none: '尚无双方均评分且已结案的案件，请稍后再看。', mean: '平均评分', noStations: '尚无站点数据。',
  },
);

const share = (value?: number | null) => (value === undefined || value === null ? '–' : percent(value, 0));

/** Judge and shadow side by side: precision, recall, calibration, and all of it by station. */
export function Compared({ kind }: { kind: string }) {
  const threshold = route.value.query.get('threshold') ?? '';
  const path = `/api/models/${part(kind)}/comparison${query({ threshold })}`;
  const compared = useLoad(path, signal => get<Comparison>(path, signal), 30_000);
  return (
    <div class="stack" data-test="comparison">
      <h3>{w('title')}</h3>
      <label class="field">
        <span>{w('threshold')}</span>
        <input type="number" min="0.01" max="1" step="0.01" value={threshold} placeholder={w('own')} onChange={event => setQuery({ threshold: event.currentTarget.value })} style={{ width: '12rem' }} />
      </label>
      <Shown of={compared}>
        {answer => (
          <>
            <div class="figures">
              <Figure name={w('cases')} value={count(answer.cases)} />
              <Figure name={w('true_')} value={count(answer.foundTrue)} />
              <Figure name={w('false_')} value={count(answer.foundFalse)} />
              <Figure name={w('unlabelled')} value={count(answer.unlabelled)} />
              <Figure name={w('unscored')} value={count(answer.unscored)} />
            </div>
            <p class="dim">
              {w('since')} <At at={answer.from} />. {w('closed')}: {count(answer.closed)}. {answer.cut && w('cut')}
            </p>
            {answer.cases === 0 ? (
              <p class="state">{w('none')}</p>
            ) : (
              <>
                <div class="calibration">
                  {answer.models.map(model => (
                    <div key={model.part}>
                      <strong>{model.part === 'judge' ? w('judge') : w('shadow')}</strong> <span class="model-name">{model.model ?? '–'}</span>
                      <MetricsOf of={model} />
                      <p class="dim">{w('calibration')}</p>
                      <Table caption={`${w('calibration')}: ${model.part === 'judge' ? w('judge') : w('shadow')}`} head={[w('score'), w('found'), w('number')]}>
                        {model.calibration
                          .filter(bin => bin.cases > 0)
                          .map(bin => (
                            <tr key={bin.from}>
                              <td>
                                {percent(bin.from, 0)} – {percent(bin.from + 0.1, 0)}
                                <div class="dim">
                                  {w('mean')} {percent(bin.meanScore, 0)}
                                </div>
                              </td>
                              <td>
                                <Share of={bin.foundTrue / bin.cases}>{percent(bin.foundTrue / bin.cases, 0)}</Share>
                              </td>
                              <td>{count(bin.cases)}</td>
                            </tr>
                          ))}
                      </Table>
                    </div>
                  ))}
                </div>
                <p class="dim">{w('good')}</p>
                <Stations of={answer} />
              </>
            )}
          </>
        )}
      </Shown>
    </div>
  );
}

function Stations({ of }: { of: Comparison }) {
  const by = (which: string) => new Map(of.models.find(model => model.part === which)?.stations.map(each => [each.source, each]) ?? []);
  const judge = by('judge');
  const shadow = by('shadow');
  const sources = [...new Set([...judge.keys(), ...shadow.keys()])].slice(0, 200);
  return (
    <details>
      <summary>
        {w('stations')} ({count(sources.length)})
      </summary>
      {sources.length === 0 ? (
        <p class="dim">{w('noStations')}</p>
      ) : (
        <Table caption={w('stations')} head={[w('station'), w('number'), `${w('precision')}: ${w('judge')}`, w('shadow'), `${w('recall')}: ${w('judge')}`, w('shadow')]}>
          {sources.map(source => (
            <tr key={source}>
              <td>
                <a href={`/sources/${part(source)}`}>{source}</a>
              </td>
              <td>{count(judge.get(source)?.cases ?? shadow.get(source)?.cases ?? 0)}</td>
              <td>{share(judge.get(source)?.precision)}</td>
              <td>{share(shadow.get(source)?.precision)}</td>
              <td>{share(judge.get(source)?.recall)}</td>
              <td>{share(shadow.get(source)?.recall)}</td>
            </tr>
          ))}
        </Table>
      )}
    </details>
  );
}
