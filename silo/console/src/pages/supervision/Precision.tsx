import { get, query } from '../../api/client';
import { route, setQuery } from '../../app/router';
import { Panel, Table } from '../../parts/bits';
import { Share } from '../../parts/bars';
import { Shown, useLoad } from '../../parts/load';
import { count, kindName, percent, words } from '../../words/language';
import { asked, type Period, PeriodBar, Reaches, today } from './period';

interface Line {
  kind: string;
  model?: string;
  station?: string;
  closed: number;
  found: number;
  notFound: number;
  precision?: number;
}

const w = words(
  {
    explain: 'Of the cases that were closed in the period, how many were found to be so. A case whose outcome does not say counts as closed only.', kind: 'Kind and model', closed: 'Closed', found: 'Found so', notFound: 'Not so', precision: 'Precision', none: 'No case was closed in this period.', stations: 'By station', station: 'Station', 
    caption: 'Precision of warnings by kind and model', show: 'By station', hide: 'Close', few: 'few cases',
  },
  {
    explain: '本期结案的案件中，经核实属实的占比；结果未定性的只计入结案数。', kind: '类型与模型', closed: '结案', found: '属实', notFound: '不属实', precision: '准确率', none: '本期没有结案。', stations: '按站点', station: '站点', 
    caption: '各类型、各模型的预警准确率', show: '按站点', hide: '收起', few: '样本少',
  },
);

const FEW = 20;

/** How often warnings were right, by kind, model and station. */
export function Precision() {
  const now = asked();
  const path = `/api/scoreboard${query({ table: 'precision', ...now, day: now.day === today() ? '' : now.day })}`;
  const table = useLoad(path, signal => get<{ period: Period; items: Line[] }>(path, signal), 30_000);
  const chosen = route.value.query.get('model') ?? '';
  return (
    <>
      <PeriodBar csv={{ table: 'precision' }} />
      <p class="dim">{w('explain')}</p>
      <Shown of={table}>
        {answer => {
          const heads = answer.items.filter(line => !line.station);
          const stations = answer.items.filter(line => line.station && `${line.kind}|${line.model ?? ''}` === chosen).sort((a, b) => (a.precision ?? 2) - (b.precision ?? 2));
          return (
            <div class="stack">
              {heads.length === 0 ? (
                <p class="state">{w('none')}</p>
              ) : (
                <Table caption={w('caption')} head={[w('kind'), w('precision'), w('found'), w('notFound'), w('closed'), '']}>
                  {heads.map(line => (
                    <tr key={`${line.kind}|${line.model}`} class={chosen && chosen === `${line.kind}|${line.model ?? ''}` ? 'chosen' : ''} data-test="precision-row">
                      <td>{line.model ? <span>↳ {line.model}</span> : <strong>{kindName(line.kind)}</strong>}</td>
                      <td>
                        <Right of={line} />
                      </td>
                      <td>{count(line.found)}</td>
                      <td>{count(line.notFound)}</td>
                      <td>
                        <a href={`/cases${query({ view: 'list', kind: line.kind, state: 'closed', district: now.district || '*' })}`}>{count(line.closed)}</a>
                      </td>
                      <td>
                        {line.model && (
                          <button aria-expanded={chosen === `${line.kind}|${line.model}`} onClick={() => setQuery({ model: chosen === `${line.kind}|${line.model}` ? null : `${line.kind}|${line.model}` })}>
                            {chosen === `${line.kind}|${line.model}` ? w('hide') : w('show')}
                          </button>
                        )}
                      </td>
                    </tr>
                  ))}
                </Table>
              )}
              {stations.length > 0 && (
                <Panel title={`${w('stations')}: ${kindName(stations[0]!.kind)}, ${stations[0]!.model ?? ''}`}>
                  <Table caption={w('stations')} head={[w('station'), w('precision'), w('found'), w('notFound'), w('closed')]}>
                    {stations.slice(0, 300).map(line => (
                      <tr key={line.station}>
                        <td>
                          <a href={`/sources/${encodeURIComponent(line.station!)}`}>{line.station}</a>
                        </td>
                        <td>
                          <Right of={line} />
                        </td>
                        <td>{count(line.found)}</td>
                        <td>{count(line.notFound)}</td>
                        <td>{count(line.closed)}</td>
                      </tr>
                    ))}
                  </Table>
                </Panel>
              )}
              <Reaches of={answer.period} />
            </div>
          );
        }}
      </Shown>
    </>
  );
}

/** The share, with a word where so few cases say nothing certain. */
const Right = ({ of }: { of: Line }) =>
  of.precision === undefined || of.precision === null ? (
    <span>–</span>
  ) : (
    <>
      <Share of={of.precision} tone={of.precision < 0.8 ? 'late' : 'good'}>
        {percent(of.precision, 0)}
      </Share>
      {of.found + of.notFound < FEW && <span class="dim"> {w('few')}</span>}
    </>
  );
