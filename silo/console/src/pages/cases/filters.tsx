import { useState } from 'preact/hooks';
import { route, setQuery } from '../../app/router';
import { district, districtName, me } from '../../app/session';
import { DepartmentOptions, DistrictOptions } from '../../parts/districts';
import { codes } from '../../words/codes';
import { kindName, severityName, stateName, words } from '../../words/language';

const w = words(
  { kind: 'Kind', severity: 'Severity', state: 'State', department: 'Department', district: 'District', overdue: 'Overdue only', text: 'Text', textHint: 'Subject, case, person …', all: 'All', any: 'Any', clear: 'Clear', and: (s: string) => `${s} and graver`, filters: 'Filters', city: 'Whole city' },
  { kind: '类型', severity: '等级', state: '状态', department: '部门', district: '区域', overdue: '仅逾期', text: '文字', textHint: '对象、案件编号、经办人…', all: '全部', any: '不限', clear: '清除', and: s => `${s}及以上`, filters: '筛选', city: '全市' },
);

/** What the list is cut down to; all of it stands in the address, so that it can be shared. */
export interface Filters {
  kind: string;
  severity: number;
  state: string;
  department: string;
  district: string;
  overdue: boolean;
  text: string;
}

export function readFilters(): Filters {
  const query = route.value.query;
  const severity = Number(query.get('severity'));
  return {
    kind: query.get('kind') ?? '',
    severity: severity >= 2 && severity <= 4 ? severity : 0,
    state: query.get('state') ?? 'open',
    department: query.get('department') ?? '',
    // The district that is chosen for the whole console, until this page names one of its own.
    district: query.get('district') ?? (district.value === '*' ? '' : district.value),
    overdue: query.get('overdue') === 'yes',
    text: query.get('q') ?? '',
  };
}

/** A shorter text is no text to look for yet, and the server takes no longer one. */
const TEXT_LEAST = 2;
const TEXT_MOST = 64;
const DOTS = /[\s·•・]/g;

/** The filters as the server takes them: all of them are its own, so that a page has what fits however many cases there are. */
export const asked = (filters: Filters) => ({
  kind: filters.kind,
  open: filters.state === 'open' ? 'true' : undefined,
  state: filters.state === 'open' || filters.state === 'all' ? undefined : filters.state,
  department: filters.department,
  district: filters.district === '*' ? '' : filters.district,
  severity: filters.severity ? String(filters.severity) : undefined,
  overdue: filters.overdue ? 'true' : undefined,
  q: filters.text.replace(DOTS, '').length >= TEXT_LEAST ? filters.text.trim().slice(0, TEXT_MOST) : undefined,
});

export function FilterBar({ filters }: { filters: Filters }) {
  const set = (name: string) => (event: { currentTarget: { value: string } }) => setQuery({ [name]: event.currentTarget.value });
  const kinds = Object.keys(codes.en.kinds).sort((a, b) => kindName(a).localeCompare(kindName(b)));
  const own = me.value?.district ?? '*';
  const isSet = ['kind', 'severity', 'state', 'department', 'district', 'overdue', 'q'].some(name => route.value.query.has(name));
  // On a phone they are behind one line, unless one of them is set.
  const [open, setOpen] = useState(isSet || innerWidth > 900);
  return (
    <details class="filter-box" open={open} onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{w('filters')}</summary>
      <form class="filters" aria-label={w('filters')} onSubmit={event => event.preventDefault()} data-test="filters">
        <label class="filter">
          <span>{w('text')}</span>
          <input type="search" maxLength={TEXT_MOST} value={filters.text} placeholder={w('textHint')} onInput={set('q')} data-test="filter-text" />
        </label>
        <label class="filter">
          <span>{w('state')}</span>
          <select value={filters.state} onChange={event => setQuery({ state: event.currentTarget.value === 'open' ? null : event.currentTarget.value })} data-test="filter-state">
            {['open', 'closed', 'archived'].map(state => (
              <option key={state} value={state}>
                {stateName(state)}
              </option>
            ))}
            <option value="all">{w('all')}</option>
          </select>
        </label>
        <label class="filter">
          <span>{w('severity')}</span>
          <select value={filters.severity || ''} onChange={set('severity')} data-test="filter-severity">
            <option value="">{w('any')}</option>
            {[2, 3, 4].map(severity => (
              <option key={severity} value={severity}>
                {severity === 4 ? severityName(4) : w('and', severityName(severity))}
              </option>
            ))}
          </select>
        </label>
        <label class="filter">
          <span>{w('kind')}</span>
          <select value={filters.kind} onChange={set('kind')} data-test="filter-kind">
            <option value="">{w('any')}</option>
            {filters.kind && !kinds.includes(filters.kind) && <option value={filters.kind}>{filters.kind}</option>}
            {kinds.map(kind => (
              <option key={kind} value={kind}>
                {kindName(kind)}
              </option>
            ))}
          </select>
        </label>
        {me.value?.role !== 'member' && (
          <label class="filter">
            <span>{w('department')}</span>
            <select value={filters.department} onChange={set('department')} data-test="filter-department">
              <option value="">{w('any')}</option>
              <DepartmentOptions />
            </select>
          </label>
        )}
        <label class="filter">
          <span>{w('district')}</span>
          <select value={filters.district} onChange={event => setQuery({ district: event.currentTarget.value || (district.value === '*' ? null : '*') })} data-test="filter-district">
            <option value="">{own === '*' ? w('city') : districtName(own)}</option>
            {filters.district === '*' && <option value="*">{w('city')}</option>}
            <DistrictOptions />
          </select>
        </label>
        <label class="check">
          <input type="checkbox" checked={filters.overdue} onChange={event => setQuery({ overdue: event.currentTarget.checked ? 'yes' : null })} data-test="filter-overdue" /> {w('overdue')}
        </label>
        {isSet && (
          <button type="button" class="quiet" onClick={() => setQuery({ kind: null, severity: null, state: null, department: null, district: null, overdue: null, q: null })}>
            {w('clear')}
          </button>
        )}
      </form>
    </details>
  );
}
