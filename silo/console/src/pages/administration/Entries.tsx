import { Fragment } from 'preact';
import { part, query } from '../../api/client';
import { districtName } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Age, Panel, Table } from '../../parts/bits';
import { Shown } from '../../parts/load';
import { More, usePages } from '../../parts/pages';
import { Why, withWhy } from '../../parts/why';
import { words } from '../../words/language';
import { fieldName, type Register, type Row, valueText } from './register';

const w = words(
  { title: 'Entries', key: 'Entry', says: 'What holds', sources: 'Who says so', changed: 'Changed', differs: 'sources differ', onlyDiffering: 'Only where sources differ', none: 'No entry fits these filters.', find: 'To the entry with the key', open: 'Open', caption: 'Entries, newest first', from: 'Said by', all: 'anybody' },
  { title: '条目', key: '条目', says: '内容', sources: '来源', changed: '更新', differs: '来源不一致', onlyDiffering: '仅显示来源不一致', none: '没有符合条件的条目。', find: '按主键查找', open: '打开', caption: '条目，最新在前', from: '来源', all: '不限' },
);

/** How many values of an entry the list shows. */
const VALUES = 6;

export const entryPath = (register: string, key: string) => `/administration/registers${query({ register, key })}`;

/** What a register says, newest first. */
export function Entries({ register }: { register: Register }) {
  const asked = route.value.query;
  const differs = asked.get('differs') === 'true';
  const from = asked.get('from') ?? '';
  const all = usePages<Row>(withWhy('registers', `/api/registers/${part(register.register)}${query({ source: from, differs: differs || undefined })}`), undefined, 50);
  return (
    <Panel title={w('title')}>
      <form
        class="filters"
        onSubmit={event => {
          event.preventDefault();
          const key = new FormData(event.currentTarget).get('key');
          if (key) setQuery({ key: String(key).trim() });
        }}
      >
        <label class="field">
          <span>
            {w('find')} ({register.key.join('/')})
          </span>
          <input name="key" />
        </label>
        <button>{w('open')}</button>
        <label class="field">
          <span>{w('from')}</span>
          <input type="search" value={from} placeholder={w('all')} onChange={event => setQuery({ from: event.currentTarget.value.trim() })} />
        </label>
        <span class="checks">
          <label>
            <input type="checkbox" checked={differs} onChange={event => setQuery({ differs: event.currentTarget.checked ? 'true' : null })} /> {w('onlyDiffering')}
          </label>
        </span>
      </form>
      <Why look="registers" of={all}>
        <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
          {page => (
            <>
              <Table caption={w('caption')} head={[w('key'), w('says'), w('sources'), w('changed')]}>
                {page.items.map(row => (
                  <tr key={row.key} data-test="entry-row">
                    <td>
                      <a href={entryPath(register.register, row.key)}>
                        <strong>{row.key}</strong>
                      </a>
                      {row.district && <div class="dim">{districtName(row.district)}</div>}
                    </td>
                    <td>
                      {register.fields
                        .filter(field => row.spans.at(-1)?.values[field.name] !== undefined && !register.key.includes(field.name))
                        .slice(0, VALUES)
                        .map(field => `${fieldName(field)} ${valueText(field.name, row.spans.at(-1)?.values[field.name])}`)
                        .join(' · ')}
                      {row.differs && <div class="differs">≠ {w('differs')}</div>}
                    </td>
                    <td>
                      {row.resources.map((id, i) => (
                        <Fragment key={id}>
                          {i > 0 && ', '}
                          <a href={`/sources/${part(id)}`}>{id}</a>
                        </Fragment>
                      ))}
                    </td>
                    <td>
                      <Age at={row.changed} />
                    </td>
                  </tr>
                ))}
              </Table>
              <More of={all} />
            </>
          )}
        </Shown>
      </Why>
    </Panel>
  );
}
