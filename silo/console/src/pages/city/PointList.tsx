import { casePath, subjectPath } from '../../app/router';
import { districtName } from '../../app/session';
import { Age, Deadline, Severity } from '../../parts/bits';
import { count, kindName, quantity, say, words } from '../../words/language';
import type { Point } from './points';

const w = words(
  { station: 'Weigh station', camera: 'Camera', enterprise: 'Enterprise', truck: 'Dangerous-goods truck', case: 'Case', live: 'live', silent: 'SILENT', never: 'never heard', disabled: 'disabled', more: (n: string) => `and ${n} more; zoom in` },
  { station: '检测站', camera: '摄像头', enterprise: '企业', truck: '危货车辆', case: '案件', live: '在线', silent: '失联', never: '从未上报', disabled: '已停用', more: n => `另有${n}个，请放大查看` },
);

const pathOf = (point: Point) => (point.type === 'case' ? casePath(point.id) : subjectPath(point.type === 'truck' ? 'vehicle' : point.type === 'enterprise' ? 'enterprise' : 'source', point.id));
const stateWord = (state: string) => (['live', 'silent', 'never', 'disabled'].includes(state) ? w(state as 'live') : '');

function One({ point }: { point: Point }) {
  return (
    <li>
      <div class="row">
        <a href={pathOf(point)}>
          <strong>{say(point.name) || (point.type === 'truck' ? point.id.replace(/-[a-z-]+$/, '') : point.id)}</strong>
        </a>
        {point.type === 'case' && point.severity ? <Severity of={point.severity} /> : <span class="dim">{w(point.type)}</span>}
      </div>
      <div class="dim">
        {point.type === 'case' && (
          <>
            {kindName(point.kind ?? '')}
            {point.subject && (
              <>
                {' · '}
                <a href={subjectPath(point.subjectKind ?? 'vehicle', point.subject)}>{point.subject.replace(/-[a-z-]+$/, '')}</a>
              </>
            )}
            <br />
            <Deadline at={point.deadlineMs ? new Date(point.deadlineMs).toISOString() : null} />
          </>
        )}
        {point.type !== 'case' && point.state && <span class={point.state === 'silent' ? 'late' : ''}>{stateWord(point.state)} · </span>}
        {point.type === 'truck' && point.speedKmh !== undefined && `${quantity(point.speedKmh, 'km/h', 0)} · `}
        {point.type !== 'case' && (point.atMs ? <Age at={new Date(point.atMs).toISOString()} /> : districtName(point.district ?? ''))}
      </div>
    </li>
  );
}

/** What stands where somebody clicked. */
export const PointList = ({ points, more }: { points: Point[]; more: number }) => (
  <ul class="point-list" data-test="map-popup">
    {points.map(point => (
      <One key={`${point.type}/${point.id}`} point={point} />
    ))}
    {more > 0 && <li class="dim">{w('more', count(more))}</li>}
  </ul>
);
