import type { Feature, FeatureCollection, Point as GeoPoint } from 'geojson';
import { render } from 'preact';
import type { ExpressionSpecification, GeoJSONSource, LayerSpecification, SourceSpecification } from 'maplibre-gl';
import { route } from '../../app/router';
import { canDraw, fonts, type LngLatLike, type Map, Marker, openMap, type PointLike, Popup, scale } from '../../map/basemap';
import { words } from '../../words/language';
import { drawIcons } from './icons';
import { hiddenTypes } from './MapPlace';
import { PointList } from './PointList';
import { fixed, moving, type Point } from './points';

const w = words({ zoomIn: 'Zoom in', zoomOut: 'Zoom out', touch: 'Two fingers move the map', scroll: 'Ctrl and the wheel zoom the map', map: 'Map of the city' }, { zoomIn: '放大', zoomOut: '缩小', touch: '双指移动地图', scroll: '按住Ctrl滚动可缩放地图', map: '城市地图' });

/** Groups of points, each clustered by itself: a truck is not hidden among cameras, and a grave case shows through its cluster. */
const GROUPS = [
  { id: 'fixed', types: ['station', 'camera', 'enterprise'], from: fixed },
  { id: 'trucks', types: ['truck'], from: moving },
  { id: 'cases', types: ['case'], from: moving },
] as const;

const CLUSTERED_TO_ZOOM = 15;
const LISTED = 12;

/** Points are told to the map at most this often; what it does with a hundred thousand of them takes its own thread some time. */
const DRAW_EVERY_MS = 10_000;

const severity: ExpressionSpecification = ['match', ['get', 'most'], 4, '#c91522', 3, '#e06a10', 2, '#d9b310', '#3f78dc'];
const clustered: ExpressionSpecification = ['has', 'point_count'];

function layers(): LayerSpecification[] {
  const light = document.documentElement.dataset.theme === 'light';
  const edge = light ? '#ffffff' : '#0c1014';
  const k = scale();
  const size: ExpressionSpecification = ['step', ['get', 'point_count'], 13 * k, 10, 16 * k, 100, 20 * k, 1000, 25 * k];
  const number = (source: string, colour: string | ExpressionSpecification): LayerSpecification => ({
    id: `${source}-count`,
    type: 'symbol',
    source,
    filter: clustered,
    layout: { 'text-field': ['concat', ['get', 'point_count_abbreviated'], source === 'cases' ? ['case', ['==', ['get', 'most'], 4], '!', ''] : ''], 'text-font': fonts.bold, 'text-size': 12 * k, 'text-allow-overlap': true, 'text-ignore-placement': true },
    paint: { 'text-color': colour },
  });
  const circle = (source: string, colour: string | ExpressionSpecification, ring = edge): LayerSpecification => ({ id: `${source}-cluster`, type: 'circle', source, filter: clustered, paint: { 'circle-color': colour, 'circle-radius': size, 'circle-stroke-color': ring, 'circle-stroke-width': 2, 'circle-opacity': 0.93 } });
  const icons = (source: string, icon: ExpressionSpecification): LayerSpecification => ({ id: `${source}-icon`, type: 'symbol', source, filter: ['!', clustered], layout: { 'icon-image': icon, 'icon-allow-overlap': true, 'icon-ignore-placement': true, 'icon-size': ['interpolate', ['linear'], ['zoom'], 9, 0.65 * k, 13, k] } });
  return [
    circle('fixed', light ? '#5d6b78' : '#566675'),
    number('fixed', '#ffffff'),
    icons('fixed', ['concat', ['get', 'type'], ['case', ['in', ['get', 'state'], ['literal', ['silent', 'never', 'disabled']]], '-off', '']]),
    circle('trucks', '#15181c', '#f2c200'),
    number('trucks', '#ffd94d'),
    icons('trucks', ['literal', 'truck'] as unknown as ExpressionSpecification),
    circle('cases', severity),
    number('cases', ['match', ['get', 'most'], 2, '#000000', 3, '#000000', '#ffffff']),
    icons('cases', ['concat', 'case-', ['to-string', ['get', 'severity']]]),
  ];
}

function sources(): Record<string, SourceSpecification> {
  const k = scale();
  const of = (more: object): SourceSpecification => ({ type: 'geojson', data: { type: 'FeatureCollection', features: [] }, cluster: true, clusterRadius: 44 * k, clusterMaxZoom: CLUSTERED_TO_ZOOM, ...more }) as SourceSpecification;
  return { fixed: of({}), trucks: of({ clusterRadius: 30 * k }), cases: of({ clusterRadius: 36 * k, clusterProperties: { most: ['max', ['get', 'severity']] } }) };
}

function collect(points: Point[], types: readonly string[], hidden: Set<string>): FeatureCollection {
  const features: Feature[] = [];
  points.forEach((point, index) => {
    if (!types.includes(point.type) || hidden.has(point.type)) return;
    features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: [point.lon, point.lat] }, properties: { type: point.type, state: point.state ?? '', severity: point.severity ?? 1, index } });
  });
  return { type: 'FeatureCollection', features };
}

/** Tells the map what there is: when it came, and when layers are switched; no oftener than it can bear. */
function keepDrawn(map: Map): () => void {
  const forget: (() => void)[] = [];
  for (const group of GROUPS) {
    let drawnFrom: Point[] | null = null;
    let drawnHidden = '';
    let drawnAt = 0;
    let timer = 0;
    const draw = () => {
      clearTimeout(timer);
      const points = group.from.peek();
      const hidden = hiddenTypes();
      const hiding = group.types.filter(type => hidden.has(type)).join();
      if (!points || (points === drawnFrom && hiding === drawnHidden)) return;
      const wait = hiding === drawnHidden && drawnFrom ? drawnAt + DRAW_EVERY_MS - Date.now() : 0;
      if (wait > 500) {
        timer = window.setTimeout(draw, wait);
        return;
      }
      [drawnFrom, drawnHidden, drawnAt] = [points, hiding, Date.now()];
      (map.getSource(group.id) as GeoJSONSource).setData(collect(points, group.types, hidden));
    };
    forget.push(group.from.subscribe(draw), route.subscribe(draw), () => clearTimeout(timer));
  }
  return () => forget.forEach(stop => stop());
}

/** A click shows what stands there, as a list where it is several; a cluster that can be looked into is looked into. */
function answerClicks(map: Map): void {
  const named = GROUPS.flatMap(group => [`${group.id}-icon`, `${group.id}-cluster`]);
  const groupOf = (source: string) => GROUPS.find(group => group.id === source)!;
  const pointsOf = (source: string, features: { properties: unknown }[]) =>
    features.flatMap(each => {
      const point = groupOf(source).from.peek()?.[(each.properties as { index: number }).index];
      return point ? [point] : [];
    });
  const show = (at: LngLatLike, points: Point[]) => {
    if (points.length === 0) return;
    const place = document.createElement('div');
    render(<PointList points={points.slice(0, LISTED)} more={points.length - LISTED} />, place);
    const popup = new Popup({ maxWidth: '24rem' }).setLngLat(at).setDOMContent(place).addTo(map);
    popup.on('close', () => render(null, place));
  };
  map.on('click', async event => {
    const box: [PointLike, PointLike] = [
      [event.point.x - 6, event.point.y - 6],
      [event.point.x + 6, event.point.y + 6],
    ];
    const hits = map.queryRenderedFeatures(box, { layers: named });
    const cluster = hits.find(hit => hit.properties.point_count);
    if (!cluster) {
      const all = hits.flatMap(hit => pointsOf(hit.source, [hit]));
      show(event.lngLat, [...new Set(all)]);
      return;
    }
    const source = map.getSource(cluster.source) as GeoJSONSource;
    const id = cluster.properties.cluster_id as number;
    const center = (cluster.geometry as GeoPoint).coordinates as [number, number];
    const zoom = await source.getClusterExpansionZoom(id);
    if (zoom <= CLUSTERED_TO_ZOOM) map.easeTo({ center, zoom, animate: !matchMedia('(prefers-reduced-motion: reduce)').matches });
    else show(center, pointsOf(cluster.source, (await source.getClusterLeaves(id, 100, 0)) as { properties: unknown }[]));
  });
  for (const layer of named) {
    map.on('mouseenter', layer, () => {
      map.getCanvas().style.cursor = 'pointer';
    });
    map.on('mouseleave', layer, () => {
      map.getCanvas().style.cursor = '';
    });
  }
}

/** Where the address points at, as longitude, latitude and zoom. */
function addressed(): { center: [number, number]; zoom: number } | undefined {
  const [lon, lat, zoom = 14] = (route.peek().query.get('at') ?? '').split(',').map(Number);
  return Number.isFinite(lon) && Number.isFinite(lat) && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 && lon + lat !== 0 ? { center: [lon, lat], zoom: Math.min(Math.max(zoom || 14, 2), 19) } : undefined;
}

/** Draws the city's map and keeps it current; returns how to end it, or null where this browser cannot draw one. */
export async function showCityMap(container: HTMLElement): Promise<(() => void) | null> {
  if (!canDraw()) return null;
  const city = await openMap(container, layers, sources(), { zoomIn: w('zoomIn'), zoomOut: w('zoomOut'), map: w('map'), touch: w('touch'), scroll: w('scroll') }, addressed());
  await drawIcons(city.map);
  const stop = keepDrawn(city.map);
  answerClicks(city.map);
  const marked = addressed();
  if (marked) new Marker({ color: '#ef3340' }).setLngLat(marked.center).addTo(city.map);
  return () => {
    stop();
    city.remove();
  };
}
