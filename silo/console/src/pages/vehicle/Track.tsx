import { Refused } from '../../api/client';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { GeoJSONSource } from 'maplibre-gl';
import { healed } from '../../app/figures';
import { loaded } from '../../app/loaded';
import { theme } from '../../app/theme';
import type { CityMap } from '../../map/basemap';
import { clock, count, quantity, words } from '../../words/language';
import type { Fix } from './track';

const w = words(
  {
    noWebgl: 'This browser cannot draw a map (no WebGL 2). The positions stand below.', failed: 'The map could not be read.', opening: 'The map is being drawn …', zoomIn: 'Zoom in', zoomOut: 'Zoom out', touch: 'Two fingers move the map', scroll: 'Ctrl and the wheel zoom the map', map: 'Track on the map', last: 'Newest position', first: 'First position', positions: (n: string) => `${n} positions`, none: 'No positions are known of the last 24 hours.',
    telemetry: 'by its own terminal', video: 'by a camera', weigh: 'at a weigh station', list: 'The newest positions as a list',
  },
  {
    noWebgl: '浏览器不支持地图（缺少WebGL 2），位置列于下方。', failed: '地图读取失败。', opening: '正在绘制地图…', zoomIn: '放大', zoomOut: '缩小', touch: '双指移动地图', scroll: '按住Ctrl滚动可缩放地图', map: '行驶轨迹', last: '最新位置', first: '起始位置', positions: n => `${n}个位置`, none: '近24小时无位置记录。',
    telemetry: '车载终端', video: '摄像头', weigh: '检测站', list: '最新位置列表',
  },
);

function shapes(fixes: Fix[]): GeoJSON.FeatureCollection {
  const line = fixes.map(fix => [fix.lon, fix.lat]);
  const points = fixes.filter((fix, i) => fix.by !== 'telemetry' || i === 0 || i === fixes.length - 1);
  return {
    type: 'FeatureCollection',
    features: [
      ...(line.length > 1 ? [{ type: 'Feature' as const, properties: { part: 'line' }, geometry: { type: 'LineString' as const, coordinates: line } }] : []),
      ...points.slice(-500).map(fix => ({
        type: 'Feature' as const,
        properties: { part: fix === fixes[fixes.length - 1] ? 'last' : fix === fixes[0] ? 'first' : 'point', by: fix.by, ms: fix.ms, source: fix.source, speedKmh: fix.speedKmh ?? null },
        geometry: { type: 'Point' as const, coordinates: [fix.lon, fix.lat] },
      })),
    ],
  };
}

const sentence = (by: string, source: string, ms: number, speedKmh?: number | null) => `${clock(ms)} · ${w(by as 'video')} ${source}${speedKmh == null ? '' : ` · ${quantity(speedKmh, 'km/h', 1)}`}`;

/** Where a vehicle was, as a line on the city's ground and as a list of the newest positions. */
export function Track({ fixes, done }: { fixes: Fix[]; done: boolean }) {
  const box = useRef<HTMLDivElement>(null);
  const city = useRef<CityMap | null>(null);
  const newest = useRef(fixes);
  newest.current = fixes;
  const [problem, setProblem] = useState<'' | 'opening' | 'noWebgl' | 'failed'>('opening');
  const [turn, setTurn] = useState(0);
  const any = fixes.length > 0;
  useEffect(() => {
    if (!any) return;
    let here = true;
    loaded(import('../../map/basemap'))
      .then(async ({ canDraw, openMap, Popup }) => {
        if (!here) return;
        if (!canDraw()) {
          setProblem('noWebgl');
          return;
        }
        const colour = () => (theme.value === 'light' ? '#0b57c2' : '#8ab8ff');
        const opened = await openMap(
          box.current!,
          () => [
            { id: 'track', type: 'line', source: 'track', filter: ['==', ['get', 'part'], 'line'], layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': colour(), 'line-width': 4 } },
            {
              id: 'fixes',
              type: 'circle',
              source: 'track',
              filter: ['!=', ['get', 'part'], 'line'],
              paint: {
                'circle-radius': ['match', ['get', 'part'], 'last', 9, 'first', 7, 5],
                'circle-color': ['match', ['get', 'part'], 'last', '#ef3340', 'first', '#43b873', colour()],
                'circle-stroke-color': theme.value === 'light' ? '#fff' : '#000',
                'circle-stroke-width': 2,
              },
            },
          ],
          { track: { type: 'geojson', data: shapes(newest.current) } },
          { zoomIn: w('zoomIn'), zoomOut: w('zoomOut'), map: w('map'), touch: w('touch'), scroll: w('scroll') },
        );
        if (!here) {
          opened.remove();
          return;
        }
        city.current = opened;
        setProblem('');
        fit(opened, newest.current);
        opened.map.on('click', 'fixes', event => {
          const own = event.features?.[0]?.properties;
          if (own) new Popup({ closeButton: true }).setLngLat(event.lngLat).setText(sentence(own.by, own.source, own.ms, own.speedKmh)).addTo(opened.map);
        });
      })
      .catch(error => {
        if (!(error instanceof Refused)) console.error(error);
        if (here) setProblem('failed');
      });
    return () => {
      here = false;
      city.current?.remove();
      city.current = null;
    };
  }, [any, turn]);
  // What could not be read while the connection was lost is read when it is back.
  useEffect(() => {
    if (problem === 'failed') setTurn(turn + 1);
  }, [healed.value]);
  useEffect(() => {
    const opened = city.current;
    if (!opened) return;
    (opened.map.getSource('track') as GeoJSONSource | undefined)?.setData(shapes(fixes));
    fit(opened, fixes);
  }, [fixes.length, fixes[0]?.ms]);
  if (!any) return <p class="state">{done ? w('none') : '…'}</p>;
  return (
    <>
      <div class="map track-map" data-test="track">
        <div ref={box} class="map-canvas" />
        {problem && <p class="state">{w(problem)}</p>}
      </div>
      <details open={problem === 'noWebgl' || problem === 'failed'}>
        <summary>
          {w('list')} ({w('positions', count(fixes.length))})
        </summary>
        <ol class="fixes">
          {fixes
            .slice(-25)
            .reverse()
            .map(fix => (
              <li key={`${fix.ms} ${fix.source}`}>
                {sentence(fix.by, fix.source, fix.ms, fix.speedKmh)} · {fix.lat.toFixed(5)}°, {fix.lon.toFixed(5)}°
              </li>
            ))}
        </ol>
      </details>
    </>
  );
}

function fit({ map }: CityMap, fixes: Fix[]): void {
  const lon = fixes.map(fix => fix.lon);
  const lat = fixes.map(fix => fix.lat);
  const least = (all: number[]) => all.reduce((a, b) => Math.min(a, b));
  const most = (all: number[]) => all.reduce((a, b) => Math.max(a, b));
  map.fitBounds([least(lon), least(lat), most(lon), most(lat)], { padding: 40, maxZoom: 15, animate: false });
}
