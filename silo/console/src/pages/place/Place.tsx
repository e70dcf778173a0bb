import { part, query } from '../../api/client';
import type { CaseRow, Page, Warning } from '../../api/types';
import type { PageProps } from '../../main';
import { Age, At, Facts, Panel, Severity, Table } from '../../parts/bits';
import { CaseCards, withCases } from '../../parts/cases';
import { EventCounts } from '../../parts/events';
import { History } from '../../parts/history';
import { useLoad } from '../../parts/load';
import { SubjectFrame, type SubjectState, useSubject } from '../../parts/subject';
import { look, reasonOf } from '../../parts/why';
import { OpenWarnings } from '../../parts/warning';
import { subjectPath } from '../../app/router';
import { count, words } from '../../words/language';
import { Cameras } from '../enterprise/Registered';

interface PlaceState extends SubjectState {
  events?: Record<string, number>;
  lastEvent?: { at: string; source: string; event: string; confidence: number; position?: { lat: number; lon: number } };
  scenes?: { scene: string; revision: number; camera?: string; events: number; newest: string }[];
  openWarnings: Warning[];
}

const w = words(
  { now: 'State', place: 'Place', lastSeen: 'Last heard', scenes: 'Scenes', scene: 'Scene', revision: 'Revision', camera: 'Camera', events: 'Events of late', newest: 'Newest' },
  { now: '当前状态', place: '地点', lastSeen: '最近上报', scenes: '场景', scene: '场景', revision: '版本', camera: '摄像头', events: '近期事件', newest: '最近' },
);

const KINDS = ['video', 'warning', 'case', 'registered'];

export default function Place({ rest }: PageProps) {
  const id = rest[0] ?? '';
  const base = `/api/places/${part(id)}`;
  const state = useSubject<PlaceState>(base);
  const cases = useLoad<Page<CaseRow>>(state.value ? `${base} cases ${reasonOf(base)}` : null, stop => look(base, `/api/cases${query({ subject: id, limit: 50 })}`, stop), 30_000);
  const rows = cases.value?.items ?? [];
  return (
    <SubjectFrame
      base={base}
      of={state}
      title={
        <h1>
          {id}
          {state.value && state.value.openWarnings.length > 0 && <Severity of={Math.max(...state.value.openWarnings.map(each => each.severity))} />}
        </h1>
      }
    >
      {value => (
        <>
          <div class="grid">
            <div class="stack">
              <Panel title={w('now')}>
                <Facts of={[[w('lastSeen'), value.lastSeen && <Age at={value.lastSeen} />]]} />
                <EventCounts events={value.events} last={value.lastEvent} empty />
              </Panel>
              {value.scenes && value.scenes.length > 0 && (
                <Panel title={w('scenes')}>
                  <Table caption={w('scenes')} head={[w('scene'), w('camera'), w('events'), w('newest')]}>
                    {value.scenes.map(each => (
                      <tr key={each.scene + each.camera}>
                        <td>
                          {each.scene} <span class="dim">({w('revision')} {count(each.revision)})</span>
                        </td>
                        <td>{each.camera && <a href={subjectPath('source', each.camera)}>{each.camera}</a>}</td>
                        <td class="number">{count(each.events)}</td>
                        <td>
                          <At at={each.newest} />
                        </td>
                      </tr>
                    ))}
                  </Table>
                </Panel>
              )}
              <Cameras base={base} kind="place" id={id} />
              {!state.at && <CaseCards cases={rows} />}
            </div>
            <OpenWarnings warnings={withCases(value.openWarnings, rows)} />
          </div>
          <History base={base} kinds={KINDS} cases={rows} />
        </>
      )}
    </SubjectFrame>
  );
}
