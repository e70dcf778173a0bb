import { get, part } from '../../api/client';
import { districtName } from '../../app/session';
import { subjectPath } from '../../app/router';
import { At, Panel, Table } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { Why, withWhy } from '../../parts/why';
import { words } from '../../words/language';
import { registerName } from '../../words/registers';
import { fieldName, type Register, type Row, type Span, valueText } from './register';

const w = words(
  {
    back: 'All entries', field: 'Field', value: 'What holds', source: 'Who says so', differs: 'Who says otherwise', statements: 'Every statement', at: 'Said', said: 'What was said', since: (t: string) => `from ${t}`, until: (t: string) => `until ${t}`, always: 'without a beginning or an end', removed: 'removed', vehicle: 'To the vehicle', enterprise: 'To the enterprise', holds: 'What holds',
  },
  {
    back: '全部条目', field: '字段', value: '采用值', source: '来源', differs: '不一致的来源', statements: '全部陈述', at: '时间', said: '内容', since: t => `自 ${t}`, until: t => `至 ${t}`, always: '无起止时间', removed: '已移除', vehicle: '查看车辆', enterprise: '查看企业', holds: '采用值',
  },
);

/** One entry: what holds, who says so, who says otherwise, and every statement as it was made. */
export function Entry({ register, id }: { register: Register; id: string }) {
  // A key of several parts has slashes in it, and the address takes them as they are.
  const path = withWhy('registers', `/api/registers/${part(register.register)}/${id.split('/').map(part).join('/')}`);
  const entry = useLoad(path, signal => get<Row>(path, signal));
  const subject = register.register === 'vehicles' ? 'vehicle' : register.register === 'enterprises' ? 'enterprise' : null;
  return (
    <div class="stack">
      <p>
        <a href={`/administration/registers?register=${part(register.register)}`}>← {w('back')}</a>
      </p>
      <h2>
        {registerName(register.register)}: {id}
      </h2>
      <Why look="registers" of={entry}>
        <Shown of={entry}>
          {row => (
            <>
              <p>
                {subject && <a href={subjectPath(subject, id)}>{subject === 'vehicle' ? w('vehicle') : w('enterprise')}</a>} {row.district && <span class="dim">{districtName(row.district)}</span>}
              </p>
              {row.spans.map((span, i) => (
                <Holds key={i} of={span} register={register} statements={row.statements ?? []} />
              ))}
              <Panel title={w('statements')}>
                <Table caption={w('statements')} head={[w('source'), w('at'), w('said')]}>
                  {(row.statements ?? []).map((statement, i) => (
                    <tr key={i} data-test="statement">
                      <td>
                        <a href={`/sources/${part(statement.source)}`}>{statement.source}</a>
                      </td>
                      <td>
                        <At at={statement.at} />
                        <div class="dim">
                          <When of={statement} />
                        </div>
                      </td>
                      <td>
                        {statement.removed && <strong class="late">{w('removed')} </strong>}
                        {register.fields
                          .filter(field => statement.values[field.name] !== undefined)
                          .map(field => `${fieldName(field)} ${valueText(field.name, statement.values[field.name])}`)
                          .join(' · ')}
                      </td>
                    </tr>
                  ))}
                </Table>
              </Panel>
            </>
          )}
        </Shown>
      </Why>
    </div>
  );
}

const When = ({ of }: { of: { from?: string; to?: string } }) => (
  <>
    {!of.from && !of.to && w('always')}
    {of.from && (
      <>
        {w('since', '')}
        <At at={of.from} />{' '}
      </>
    )}
    {of.to && (
      <>
        {w('until', '')}
        <At at={of.to} />
      </>
    )}
  </>
);

function Holds({ of, register, statements }: { of: Span; register: Register; statements: NonNullable<Row['statements']> }) {
  // What another source says of the field: its newest statement.
  const said = (source: string, field: string) => statements.filter(each => each.source === source && each.values[field] !== undefined).sort((a, b) => b.at.localeCompare(a.at))[0]?.values[field];
  return (
    <Panel
      title={
        <>
          {w('holds')} (<When of={of} />)
        </>
      }
    >
      <Table caption={w('holds')} head={[w('field'), w('value'), w('source'), w('differs')]}>
        {register.fields
          .filter(field => of.values[field.name] !== undefined)
          .map(field => (
            <tr key={field.name}>
              <td>{fieldName(field)}</td>
              <td>
                <strong>{valueText(field.name, of.values[field.name])}</strong>
              </td>
              <td>{of.sources[field.name] && <a href={`/sources/${part(of.sources[field.name]!)}`}>{of.sources[field.name]}</a>}</td>
              <td>
                {of.differs?.[field.name]?.map(source => (
                  <div key={source} class="differs" data-test="differs">
                    ≠ {source}: {valueText(field.name, said(source, field.name))}
                  </div>
                ))}
              </td>
            </tr>
          ))}
      </Table>
    </Panel>
  );
}
