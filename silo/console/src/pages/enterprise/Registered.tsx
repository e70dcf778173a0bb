import type { ComponentChildren } from 'preact';
import { query } from '../../api/client';
import type { Page } from '../../api/types';
import { subjectPath } from '../../app/router';
import { Age, Panel, Table } from '../../parts/bits';
import { type Loaded, Shown, useLoad } from '../../parts/load';
import { look, reasonOf } from '../../parts/why';
import { valueName } from '../../words/figures';
import { activities } from './activities';
import { clock, count, day, kg, words } from '../../words/language';
import { type EntryRow, held } from './state';

const w = words(
  {
    permits: 'Permits', noPermits: 'No permit is registered.', number: 'Number', substance: 'Substance', actions: 'For', storage: 'May store', yearly: 'In a year', until: 'Until', endless: 'without end', ended: (t: string) => `RAN OUT ${t}`, fleet: 'Fleet', noFleet: 'No vehicle is registered to it.', plate: 'Plate', body: 'Body', rated: 'Rated load', hazmat: 'Dangerous goods', yes: 'yes', no: 'no', cameras: 'Cameras', noCameras: 'No camera watches it.', live: 'live', silent: 'SILENT', never: 'never heard', disabled: 'disabled', seen: 'Last heard', more: (n: string) => `the first ${n}`,
  },
  {
    permits: '许可证', noPermits: '未登记许可证。', number: '许可证号', substance: '物质', actions: '许可范围', storage: '最大储存量', yearly: '年许可量', until: '有效期至', endless: '长期', ended: t => `已于${t}过期`, fleet: '车队', noFleet: '名下无登记车辆。', plate: '号牌', body: '车型', rated: '核定载质量', hazmat: '危险货物', yes: '是', no: '否', cameras: '摄像头', noCameras: '无摄像头覆盖。', live: '在线', silent: '失联', never: '从未上报', disabled: '已停用', seen: '最近上报', more: n => `前${n}项`,
  },
);

const ROWS = 50;

/** Entries of a register that are about an enterprise. */
export const useRegister = (base: string, register: string, enterprise: string): Loaded<Page<EntryRow>> =>
  useLoad<Page<EntryRow>>(`${base} ${register} ${reasonOf(base)}`, stop => look(base, `/api/registers/${register}${query({ enterprise, limit: ROWS })}`, stop));

const mass = (value: unknown) => (typeof value === 'number' ? kg(value) : '');
const Block = ({ title, of, none, children }: { title: string; of: Loaded<Page<EntryRow>>; none: string; children: (rows: EntryRow[]) => ComponentChildren }) => (
  <Panel title={title} actions={of.value?.next ? <span class="dim">{w('more', count(ROWS))}</span> : undefined}>
    <Shown of={of} empty={page => (page.items.length === 0 ? none : null)}>
      {page => children(page.items)}
    </Shown>
  </Panel>
);

export function Permits({ of, ms }: { of: Loaded<Page<EntryRow>>; ms: number }) {
  return (
    <Block title={w('permits')} of={of} none={w('noPermits')}>
      {rows => (
        <Table caption={w('permits')} head={[w('number'), w('substance'), w('actions'), w('storage'), w('yearly'), w('until')]}>
          {rows.map(row => {
            const { values, to } = held(row, ms);
            const over = to !== undefined && Date.parse(to) <= ms;
            return (
              <tr key={row.key}>
                <td>{row.key}</td>
                <td>{String(values.substance ?? '')}</td>
                <td>{activities(values.actions)}</td>
                <td class="number">{mass(values.storageKg)}</td>
                <td class="number">{mass(values.yearlyKg)}</td>
                <td class={over ? 'late' : ''} title={to && clock(to)}>
                  {to === undefined ? w('endless') : over ? w('ended', day(to)) : day(to)}
                </td>
              </tr>
            );
          })}
        </Table>
      )}
    </Block>
  );
}

export function Fleet({ of, ms }: { of: Loaded<Page<EntryRow>>; ms: number }) {
  return (
    <Block title={w('fleet')} of={of} none={w('noFleet')}>
      {rows => (
        <Table caption={w('fleet')} head={[w('plate'), w('body'), w('rated'), w('hazmat')]}>
          {rows.map(row => {
            const { values } = held(row, ms);
            return (
              <tr key={row.key}>
                <td>
                  <a href={subjectPath('vehicle', row.key)}>{row.key}</a>
                </td>
                <td>{valueName(String(values.vehicleClass ?? ''))}</td>
                <td class="number">{mass(values.ratedLoadKg)}</td>
                <td>{values.hazmat === undefined ? '' : w(values.hazmat === 'yes' ? 'yes' : 'no')}</td>
              </tr>
            );
          })}
        </Table>
      )}
    </Block>
  );
}

interface Camera {
  type: string;
  id: string;
  state?: string;
  enterprise?: string;
  place?: string;
  lastSeen?: string;
}

/** The cameras that watch an enterprise or place, as the map knows them. */
export function Cameras({ base, kind, id }: { base: string; kind: 'enterprise' | 'place'; id: string }) {
  const cameras = useLoad<Camera[]>(`${base} cameras`, async stop => (await look<{ points: Camera[] }>(base, '/api/map?types=camera', stop)).points.filter(each => each[kind] === id), 60_000);
  return (
    <Panel title={w('cameras')}>
      <Shown of={cameras} empty={all => (all.length === 0 ? w('noCameras') : null)}>
        {all => (
          <ul class="cameras">
            {all.slice(0, ROWS).map(each => (
              <li key={each.id}>
                <a href={subjectPath('source', each.id)}>{each.id}</a> <span class={each.state === 'silent' ? 'late' : 'dim'}>{['live', 'silent', 'never', 'disabled'].includes(each.state ?? '') ? w(each.state as 'live') : each.state}</span>
                {each.lastSeen && (
                  <>
                    {' · '}
                    <Age at={each.lastSeen} />
                  </>
                )}
              </li>
            ))}
          </ul>
        )}
      </Shown>
    </Panel>
  );
}
