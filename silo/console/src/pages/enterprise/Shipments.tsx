import { useState } from 'preact/hooks';
import { query } from '../../api/client';
import type { Page } from '../../api/types';
import { subjectPath } from '../../app/router';
import { Age, Panel, Table } from '../../parts/bits';
import type { HistoryEntry } from '../../parts/history';
import { Shown, useLoad } from '../../parts/load';
import { chosenTime } from '../../parts/subject';
import { look, reasonOf } from '../../parts/why';
import { count, kg, words } from '../../words/language';
import type { EnterpriseState } from './state';

const w = words(
  {
    title: 'Shipments in transit', none: 'Nothing is on its way by the newest lines of the ledger.', out: 'sent', in: 'expected here', waybill: 'Waybill', substance: 'Substance', mass: 'Mass', way: 'Direction', other: 'Other side', vehicle: 'Vehicle', since: 'Since', counts: (o: string, r: string) => `${o} open, ${r} received`, lost: (n: string) => `${n} LOST`, short: (n: string) => `${n} SHORT`, unreported: (n: string) => `${n} to receivers that do not report`, all: (n: string) => `Show all ${n}`, newest: 'Read from the newest lines of the ledger.',
  },
  {
    title: '在途运输', none: '按最新台账无在途货物。', out: '发出', in: '待收', waybill: '运单', substance: '物质', mass: '质量', way: '方向', other: '对方单位', vehicle: '车辆', since: '时间', counts: (o, r) => `在途${o}单，已收${r}单`, lost: n => `未到${n}单`, short: n => `数量不符${n}单`, unreported: n => `收货方不上报${n}单`, all: n => `显示全部${n}单`, newest: '依据最新台账记录。',
  },
);

interface Shipment {
  waybill: string;
  substance: string;
  kg: number;
  other: string;
  plate?: string;
  at: string;
  incoming: boolean;
}

const MOST_LINES = 1000;
const FIRST_SHOWN = 12;
const MOST_SHOWN = 200;

/** Goes through the newest lines: what was sent and not answered as received, and what was announced and not received here. */
function inTransit(lines: HistoryEntry[]): Shipment[] {
  const arrived = new Set<string>();
  const open = new Map<string, Shipment>();
  for (const line of lines) {
    const figures = line.figures ?? {};
    const detail = (line.detail ?? {}) as Record<string, string | number>;
    const waybill = String(figures.waybill ?? detail.waybill ?? '');
    if (!waybill) continue;
    if (line.change === 'shipment-received' && Number(detail.grams) > 0) arrived.add(`out ${waybill}`);
    else if (line.kind === 'ledger' && figures.action === 'receive') arrived.add(`in ${waybill}`);
    else if (line.kind === 'ledger' && figures.action === 'ship') {
      open.set(`out ${waybill}`, { waybill, substance: String(figures.substance ?? ''), kg: Number(figures.massKg), other: String(figures.counterparty ?? ''), plate: figures.plate as string | undefined, at: line.at ?? line.received, incoming: false });
    } else if (line.change === 'shipment-sent') {
      open.set(`in ${waybill}`, { waybill, substance: String(detail.substance ?? ''), kg: Number(detail.grams) / 1000, other: String(detail.shipper ?? ''), at: String(detail.at ?? line.received), incoming: true });
    }
  }
  return [...open.entries()].filter(([key]) => !arrived.has(key)).map(([, shipment]) => shipment);
}

/** What is on its way from here and to here. */
export function Shipments({ base, state }: { base: string; state: EnterpriseState }) {
  const at = chosenTime();
  const lines = useLoad<Page<HistoryEntry>>(`${base} shipments ${at} ${reasonOf(base)}`, stop => look(base, `${base}/history${query({ kinds: 'ledger,message', limit: MOST_LINES, to: at })}`, stop), at ? undefined : 30_000);
  const [all, setAll] = useState(false);
  const counts = state.shipments;
  const open = lines.value ? inTransit(lines.value.items) : [];
  return (
    <Panel
      title={w('title')}
      actions={
        counts && (
          <span>
            <span class="dim">{w('counts', count(counts.open), count(counts.received))}</span>
            {counts.lost > 0 && <strong class="late"> · {w('lost', count(counts.lost))}</strong>}
            {counts.short > 0 && <strong class="late"> · {w('short', count(counts.short))}</strong>}
            {counts.receiverDoesNotReport > 0 && <span class="dim"> · {w('unreported', count(counts.receiverDoesNotReport))}</span>}
          </span>
        )
      }
    >
      <Shown of={lines} empty={() => (open.length === 0 ? w('none') : null)}>
        {() => (
          <Table caption={w('title')} head={[w('way'), w('waybill'), w('substance'), <span class="number">{w('mass')}</span>, w('other'), w('vehicle'), w('since')]}>
            {open.slice(0, all ? MOST_SHOWN : FIRST_SHOWN).map(each => (
                <tr key={`${each.incoming} ${each.waybill}`} data-test="shipment">
                  <td>{each.incoming ? `← ${w('in')}` : `→ ${w('out')}`}</td>
                  <td>{each.waybill}</td>
                  <td>{each.substance}</td>
                  <td class="number">{kg(each.kg)}</td>
                  <td>{each.other && <a href={subjectPath('enterprise', each.other)}>{each.other}</a>}</td>
                  <td>{each.plate && <a href={subjectPath('vehicle', `${each.plate}-yellow`)}>{each.plate}</a>}</td>
                  <td>
                    <Age at={each.at} />
                  </td>
                </tr>
            ))}
          </Table>
        )}
      </Shown>
      {!all && open.length > FIRST_SHOWN && (
        <div class="buttons">
          <button onClick={() => setAll(true)}>{w('all', count(Math.min(open.length, MOST_SHOWN)))}</button>
        </div>
      )}
      <small class="dim">{w('newest')}</small>
    </Panel>
  );
}
