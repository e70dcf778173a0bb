import { useState } from 'preact/hooks';
import { get, query } from '../../api/client';
import type { Page } from '../../api/types';
import { casePath, route, setQuery } from '../../app/router';
import { department, departmentName, district, districtName, me } from '../../app/session';
import { Age, Panel } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { kindName, say, words } from '../../words/language';
import { type Report, ReportFull, placeText } from '../cases/reports';
import { channelName, reportStateName, resultName } from '../cases/words';
import './desk.css';

const w = words(
  {
    none: 'Nobody has reported anything that fits.', state: 'State', channel: 'How it came', any: 'Any', all: 'Every department', of: (d: string) => `Cases of ${d}`, whose: 'Whose cases', more: 'Show more', report: 'Report', case: 'Its case', earlier: 'Earlier cases of the same place', choose: 'Choose a report on the left.', back: 'Back to the list', outcome: 'Outcome',
  },
  {
    none: '没有符合条件的上报。', state: '状态', channel: '来源渠道', any: '不限', all: '所有部门', of: d => `${d}的案件`, whose: '案件部门', more: '显示更多', report: '上报', case: '所属案件', earlier: '同地点历史案件', choose: '请在左侧选择上报。', back: '返回列表', outcome: '处理结果',
  },
);

const PAGE = 50;
const MOST = 500;
const AGAIN_MS = 15_000;

/** What people reported, the newest first, and why each is in the case that it is in. */
export function Reports() {
  const params = route.value.query;
  const [state, channel, whose] = [params.get('reports') ?? '', params.get('channel') ?? '', params.get('whose') ?? ''];
  const [many, setMany] = useState(PAGE);
  const filter = { state, channel, department: me.value?.role === 'member' ? undefined : whose === 'own' ? department.value : undefined, district: district.value === '*' ? undefined : district.value };
  const key = query({ ...filter, limit: many });
  const loaded = useLoad<Page<Report>>(`reports${key}`, signal => get<Page<Report>>(`/api/reports${key}`, signal), AGAIN_MS);
  const chosen = params.get('report');
  const shown = chosen && chosen !== 'new' ? chosen : null;
  return (
    <div class={`report-columns ${shown ? 'with-report' : ''}`} data-test="reports">
      <div class="report-list">
        <form class="filters" onSubmit={event => event.preventDefault()}>
          <label class="filter">
            <span>{w('state')}</span>
            <select value={state} onChange={event => setQuery({ reports: event.currentTarget.value })}>
              <option value="">{w('any')}</option>
              {['filed', 'open', 'closed', 'called-back'].map(each => (
                <option key={each} value={each}>
                  {reportStateName(each)}
                </option>
              ))}
            </select>
          </label>
          <label class="filter">
            <span>{w('channel')}</span>
            <select value={channel} onChange={event => setQuery({ channel: event.currentTarget.value })}>
              <option value="">{w('any')}</option>
              {['hotline', 'grid', 'app'].map(each => (
                <option key={each} value={each}>
                  {channelName(each)}
                </option>
              ))}
            </select>
          </label>
          {me.value?.role !== 'member' && (
            <label class="filter">
              <span>{w('whose')}</span>
              <select value={whose} onChange={event => setQuery({ whose: event.currentTarget.value })}>
                <option value="">{w('all')}</option>
                <option value="own">{w('of', departmentName(department.value))}</option>
              </select>
            </label>
          )}
        </form>
        <Shown of={loaded} empty={page => (page.items.length ? null : w('none'))}>
          {page => (
            <>
              {page.items.map(report => (
                <a
                  key={report.id}
                  class={`card ${report.id === shown ? 'chosen' : ''}`}
                  href={`/desk?tab=reports&report=${encodeURIComponent(report.id)}`}
                  onClick={event => {
                    event.preventDefault();
                    setQuery({ report: report.id });
                  }}
                  data-test="report-row"
                >
                  <span class="row">
                    <strong>{kindName(report.kind)}</strong>
                    <span class={report.state === 'closed' ? 'soon' : 'dim'}>{reportStateName(report.state)}</span>
                  </span>
                  <span class="brief">{report.text}</span>
                  <span class="row dim">
                    <span>
                      {placeText(report.place)} {districtName(report.district)}
                    </span>
                    <Age at={report.at} />
                  </span>
                  <span class="dim brief">{say(report.why)}</span>
                </a>
              ))}
              {page.next && many < MOST && (
                <button type="button" class="wide" onClick={() => setMany(many + PAGE)} disabled={loaded.loading}>
                  {w('more')}
                </button>
              )}
            </>
          )}
        </Shown>
      </div>
      {shown ? (
        <Panel title={`${w('report')} ${shown}`}>
          <button type="button" class="desk-back" onClick={() => setQuery({ report: null })}>
            ← {w('back')}
          </button>
          <ReportFull key={shown} id={shown}>
            {report => (
              <div class="row">
                {report.case && (
                  <span>
                    {w('case')}: <a href={casePath(report.case)}>{report.case}</a> {report.outcome && `· ${w('outcome')}: ${resultName(report.outcome)}`}
                  </span>
                )}
                {report.earlierCases && report.earlierCases.length > 0 && (
                  <span>
                    {w('earlier')}:{' '}
                    {report.earlierCases.map(id => (
                      <a key={id} href={casePath(id)}>
                        {id}{' '}
                      </a>
                    ))}
                  </span>
                )}
              </div>
            )}
          </ReportFull>
        </Panel>
      ) : (
        <p class="state">{w('choose')}</p>
      )}
    </div>
  );
}
