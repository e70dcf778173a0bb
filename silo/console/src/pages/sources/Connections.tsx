import { useState } from 'preact/hooks';
import { get, send } from '../../api/client';
import { may } from '../../app/session';
import { Age, Panel, Table } from '../../parts/bits';
import { Dialog } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { count, quantity, words } from '../../words/language';
import { readings, seconds } from './names';

interface Refusal {
  at: string;
  refusal: string;
  detail: string;
  address?: string;
  clientId?: string;
}

interface Answer {
  id: string;
  connections: {
    clientId: string; address: string; transport: string; tls?: string; mqtt?: string; sessionExpirySeconds?: number; keepAliveSeconds: number; since: string; publishes: number; inFlight: number; subscriptions: number; readingsPerSecond: number; bytesPerSecond: number; lastRefusal?: Refusal;
  }[];
  lastRefusal?: Refusal;
}

const w = words(
  {
    title: 'Connections now', none: 'Not connected over MQTT.', address: 'Address', since: 'Connected', rate: 'Rate', published: 'Published', protocol: 'Protocol', refused: 'Refused last', perSecond: 'readings/s', bytes: 'bytes/s', end: 'End the connections', endTitle: 'End its connections now?', endHint: 'It may come back at once. To keep it out, disable it.', keepAlive: 'keep-alive', client: 'Client',
  },
  {
    title: '当前连接', none: '未通过MQTT连接。', address: '地址', since: '连接时间', rate: '速率', published: '已发布', protocol: '协议', refused: '最近一次拒绝', perSecond: '条/秒', bytes: '字节/秒', end: '断开连接', endTitle: '立即断开其连接？', endHint: '其可立即重连；如需禁止接入请停用。', keepAlive: '心跳', client: '客户端',
  },
);

/** MQTT connections of a device or a token, what was refused last, and cutting them. */
export function Connections({ path }: { path: string }) {
  const all = useLoad(path, signal => get<Answer>(path, signal), 5_000);
  const [ending, setEnding] = useState(false);
  return (
    <Panel
      title={w('title')}
      actions={
        may.value.administer &&
        !!all.value?.connections.length && (
          <button onClick={() => setEnding(true)} data-test="end-connections">
            {w('end')}
          </button>
        )
      }
    >
      <Shown of={all}>
        {answer => (
          <>
            {answer.connections.length === 0 ? (
              <p class="dim">{w('none')}</p>
            ) : (
              <Table caption={w('title')} head={[w('address'), w('since'), w('rate'), w('published'), w('protocol')]}>
                {answer.connections.map(each => (
                  <tr key={each.clientId}>
                    <td>
                      {each.address}
                      <div class="dim">
                        {w('client')} {each.clientId}
                      </div>
                      {each.lastRefusal && (
                        <div class="late">
                          {w('refused')}: {each.lastRefusal.detail}
                        </div>
                      )}
                    </td>
                    <td>
                      <Age at={each.since} />
                    </td>
                    <td>
                      {quantity(each.readingsPerSecond, w('perSecond'), 1)}
                      <div class="dim">{quantity(each.bytesPerSecond, w('bytes'))}</div>
                    </td>
                    <td>{readings(each.publishes)}</td>
                    <td>
                      {each.transport.toUpperCase()}
                      {each.tls ? ` (${each.tls})` : ''}, MQTT {each.mqtt}
                      <div class="dim">
                        {w('keepAlive')} {seconds(each.keepAliveSeconds)}
                      </div>
                    </td>
                  </tr>
                ))}
              </Table>
            )}
            {answer.lastRefusal && (
              <p class="late">
                {w('refused')}: {answer.lastRefusal.detail} ({answer.lastRefusal.address}, <Age at={answer.lastRefusal.at} />)
              </p>
            )}
          </>
        )}
      </Shown>
      {ending && (
        <Dialog
          title={w('endTitle')}
          actName={w('end')}
          danger
          close={() => setEnding(false)}
          act={async () => {
            await send('DELETE', path);
            all.reload();
          }}
        >
          <p>{w('endHint')}</p>
          <p class="dim">{count(all.value?.connections.length ?? 0)}</p>
        </Dialog>
      )}
    </Panel>
  );
}
