import { useEffect, useRef, useState } from 'preact/hooks';
import { Refused } from '../../api/client';
import { healed } from '../../app/figures';
import { loaded } from '../../app/loaded';
import { route, setQuery } from '../../app/router';
import { reason } from '../../parts/load';
import { count, words } from '../../words/language';
import { AskWhy } from '../../parts/why';
import { asksReason, fixed, MAP, moving, type PointType, pointsError, TYPES } from './points';

const w = words(
  { loading: 'The map is being drawn …', noWebgl: 'This browser cannot draw the map (no WebGL 2). Everything else works; open cases are listed beside.', failed: 'The map could not be drawn.', layers: 'Layers', case: 'Open cases', truck: 'Dangerous-goods trucks', enterprise: 'Enterprises', station: 'Weigh stations', camera: 'Cameras', again: 'Try again', reason: 'Why do you look at the trucks?' },
  { loading: '正在绘制地图…', noWebgl: '浏览器不支持地图（缺少WebGL 2），其他功能不受影响，案件见列表。', failed: '地图绘制失败。', layers: '图层', case: '在办案件', truck: '危货车辆', enterprise: '企业', station: '检测站', camera: '摄像头', again: '重试', reason: '查看车辆事由' },
);

/** The layers that the address leaves out. */
export const hiddenTypes = (): Set<string> => new Set((route.value.query.get('hide') ?? '').split(',').filter(Boolean));

function Layers() {
  const hidden = hiddenTypes();
  const counts: Partial<Record<PointType, number>> = {};
  for (const point of fixed.value ?? []) counts[point.type] = (counts[point.type] ?? 0) + 1;
  for (const point of moving.value ?? []) counts[point.type] = (counts[point.type] ?? 0) + 1;
  return (
    <fieldset class="layers">
      <legend class="hidden">{w('layers')}</legend>
      {TYPES.map(type => (
        <label key={type}>
          <input
            type="checkbox"
            checked={!hidden.has(type)}
            data-test={`layer-${type}`}
            onChange={() => {
              if (!hidden.delete(type)) hidden.add(type);
              setQuery({ hide: [...hidden].join(',') });
            }}
          />
          <span class={`swatch ${type}`} aria-hidden="true" />
          {w(type)} <span class="dim">{count(counts[type] ?? 0)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Where the map will be: the code of it is only asked for here, after everything else stands. */
export function MapPlace() {
  const box = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'loading' | 'shown' | 'noWebgl' | 'failed'>('loading');
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let here = true;
    let close = () => {};
    setState('loading');
    // The first screen is drawn before the map's code takes the machine.
    const timer = setTimeout(() => {
      loaded(import('./CityMap'))
        .then(({ showCityMap }) => (here ? showCityMap(box.current!) : null))
        .then(
          shown => {
            if (here) {
              close = shown ?? close;
              setState(shown ? 'shown' : 'noWebgl');
            } else shown?.();
          },
          error => {
            // A connection that was lost meanwhile is said above; anything else is a fault of this code.
            if (!(error instanceof Refused)) console.error(error);
            if (here) setState('failed');
          },
        );
    }, 50);
    return () => {
      here = false;
      clearTimeout(timer);
      close();
    };
  }, [turn]);
  // What could not be read while the connection was lost is read when it is back.
  useEffect(() => {
    if (state === 'failed') setTurn(turn + 1);
  }, [healed.value]);
  return (
    <div class="map city-map" data-test="city-map" data-state={state}>
      <div ref={box} class="map-canvas" />
      {state !== 'shown' && (
        <p class="state" role="status">
          {w(state)} {state === 'failed' && <button onClick={() => setTurn(turn + 1)}>{w('again')}</button>}
        </p>
      )}
      {state === 'shown' && <Layers />}
      {state === 'shown' && asksReason.value && <AskWhy of={MAP} title={w('reason')} done={() => (asksReason.value = false)} />}
      {state === 'shown' && pointsError.value && <p class="map-error error">{reason(pointsError.value)}</p>}
    </div>
  );
}
