import { subjectPath } from '../app/router';
import { valueName } from '../words/figures';
import { count, kindName, percent, words } from '../words/language';
import { Age } from './bits';

const w = words({ title: 'Camera events', last: 'Newest', sure: 'sure to', none: 'No camera has reported anything.' }, { title: '摄像头事件', last: '最近', sure: '置信度', none: '暂无摄像头事件。' });

export const eventName = (event: string) => (kindName(event) === event ? valueName(event) : kindName(event));

/** How often cameras saw what, and the newest of it. */
export function EventCounts({ events, last, empty }: { events?: Record<string, number>; last?: { at: string; source: string; event: string; confidence: number; position?: { lat: number; lon: number } }; empty?: boolean }) {
  const all = Object.entries(events ?? {});
  if (all.length === 0) return empty ? <p class="dim">{w('none')}</p> : null;
  return (
    <div>
      <h3>{w('title')}</h3>
      <p>{all.map(([event, n]) => `${eventName(event)} × ${count(n)}`).join(' · ')}</p>
      {last && (
        <p class="dim">
          {w('last')}: {eventName(last.event)} · <a href={subjectPath('source', last.source)}>{last.source}</a> · <Age at={last.at} /> · {w('sure')} {percent(last.confidence)}
          {last.position && (
            <>
              {' · '}
              <a href={`/?at=${last.position.lon},${last.position.lat},15`}>
                {last.position.lat.toFixed(5)}°, {last.position.lon.toFixed(5)}°
              </a>
            </>
          )}
        </p>
      )}
    </div>
  );
}
