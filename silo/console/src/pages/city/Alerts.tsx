import { casePath, subjectPath } from '../../app/router';
import { districtName } from '../../app/session';
import { Age, Deadline, Severity } from '../../parts/bits';
import { reason } from '../../parts/load';
import { kindName, say, words } from '../../words/language';
import { type AlertRow, useAlerts } from './alerts';
import { enterpriseNames, moving } from './points';

const w = words(
  { title: 'Live alerts', none: 'No warning is open.', case: (id: string) => `Case ${id}`, noCase: 'no case yet', loading: 'Loading …', danger: 'Danger to life, open', all: 'All cases' },
  { title: '实时告警', none: '暂无未解除告警。', case: id => `案件${id}`, noCase: '尚未立案', loading: '正在加载…', danger: '未结危险级案件', all: '全部案件' },
);

function Row({ row }: { row: AlertRow }) {
  const { warning } = row;
  return (
    <li class={`card s${warning.severity} ${row.isNew ? 'new' : ''}`} data-test="alert">
      <div class="row">
        <Severity of={warning.severity} />
        <a class="subject" href={subjectPath(warning.subjectKind, warning.subject)}>
          {say(enterpriseNames.value.get(warning.subject)) || warning.subject.replace(/-(yellow-green|yellow|blue|green|white|black)$/, '')}
        </a>
        <span class="grow" />
        <Age at={warning.since} />
      </div>
      <div class="row">
        <strong>{kindName(warning.kind)}</strong>
        <span class="dim">{districtName(warning.district)}</span>
        <span class="grow" />
        {row.case ? (
          <span>
            <a href={casePath(row.case)}>{w('case', row.case)}</a> · <Deadline at={row.deadline} />
          </span>
        ) : (
          <span class="dim">{w('noCase')}</span>
        )}
      </div>
      <p class="brief dim">{say(warning.explanation)}</p>
    </li>
  );
}

/** Open cases of the gravest severity stay on top, however many lesser alerts come after them. */
function Gravest() {
  const gravest = (moving.value ?? [])
    .filter(point => point.type === 'case' && point.severity === 4)
    .sort((a, b) => (a.deadlineMs ?? Number.POSITIVE_INFINITY) - (b.deadlineMs ?? Number.POSITIVE_INFINITY))
    .slice(0, 6);
  if (gravest.length === 0) return null;
  return (
    <section class="gravest s4" aria-labelledby="gravest">
      <h3 id="gravest">{w('danger')}</h3>
      <ul>
        {gravest.map(point => (
          <li key={point.id} class="row">
            <a href={casePath(point.id)}>
              <strong>{kindName(point.kind ?? '')}</strong> · {districtName(point.district ?? '')} · {point.id}
            </a>
            {point.deadlineMs !== undefined && <Deadline at={new Date(point.deadlineMs).toISOString()} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The newest open warnings, live. */
export function Alerts() {
  const { rows, error } = useAlerts();
  return (
    <section class="city-alerts panel" aria-labelledby="alerts-title" data-test="alerts">
      <div class="panel-head">
        <h2 id="alerts-title">{w('title')}</h2>
        <span class="grow" />
        <a href="/cases">{w('all')}</a>
      </div>
      <Gravest />
      {error && <p class="error">{reason(error)}</p>}
      {rows === null ? (
        !error && <p class="state">{w('loading')}</p>
      ) : rows.length === 0 ? (
        <p class="state">{w('none')}</p>
      ) : (
        <ol class="alert-list" tabIndex={0} aria-label={w('title')}>
          {rows.map(row => (
            <Row key={row.warning.id} row={row} />
          ))}
        </ol>
      )}
    </section>
  );
}
