import type { FeatureCollection, Geometry, Position } from 'geojson';
import {
  type DataDrivenPropertyValueSpecification, type ExpressionSpecification, type LayerSpecification, type LngLatLike, Map, Marker, NavigationControl, type PointLike, Popup, setWorkerUrl, type SourceSpecification,
} from 'maplibre-gl';
import 'maplibre-gl/dist/maplibre-gl.css';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
import { get, Refused } from '../api/client';
import { theme } from '../app/theme';
import { language } from '../words/language';
import './map.css';

// This file and what it imports is half a megabyte: it is only ever imported when a map is to be drawn.
setWorkerUrl(workerUrl);

export { type LngLatLike, Map, Marker, type PointLike, Popup };
type Layer = LayerSpecification;

interface MapStyle {
  tiles?: string | null;
  attribution?: string;
  center: [number, number];
  zoom: number;
  bounds?: [number, number, number, number];
}

const NOWHERE: MapStyle = { tiles: null, center: [0, 0], zoom: 1 };
const NOTHING: FeatureCollection = { type: 'FeatureCollection', features: [] };

const colours = () =>
  theme.value === 'light'
    ? { back: '#e8ebe6', district: '#dfe4df', edge: '#9aa79e', water: '#a9cbe4', road: '#fff', casing: '#b9bfc6', industrial: '#d9cfe0', text: '#2c3640', waterText: '#2b5c85', halo: '#ffffffd0' }
    : { back: '#161c22', district: '#1c242b', edge: '#4a5966', water: '#163149', road: '#46525e', casing: '#0e1317', industrial: '#2f2838', text: '#c6d0d8', waterText: '#7fb0d8', halo: '#0c1014d0' };

/** On a wall the whole console is drawn larger; so is what stands on the map. */
export const scale = () => Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 15;

// Fonts of the machine: MapLibre draws the letters itself where a style names no glyph server.
const FONT = ['Noto Sans CJK SC, Microsoft YaHei, PingFang SC, system-ui, sans-serif'];
const BOLD = ['Noto Sans CJK SC Bold, Microsoft YaHei, PingFang SC, system-ui, sans-serif'];
export const fonts = { plain: FONT, bold: BOLD };

/** Base layers in the colours of the theme and the words of the language. */
function baseLayers(tiles: boolean): Layer[] {
  const c = colours();
  const k = scale();
  const kind = (of: string): ExpressionSpecification => ['==', ['get', 'kind'], of];
  const name: ExpressionSpecification = ['coalesce', ['get', language.value], ['get', 'en'], ''];
  const label = (id: string, of: string, size: DataDrivenPropertyValueSpecification<number>, colour: string, more: object = {}) => ({
    id,
    type: 'symbol',
    source: 'labels',
    filter: kind(of),
    layout: { 'text-field': name, 'text-font': FONT, 'text-size': size, 'text-padding': 6, ...more },
    paint: { 'text-color': colour, 'text-halo-color': c.halo, 'text-halo-width': 1.6 },
  }) as Layer;
  const width = (least: number, most: number): DataDrivenPropertyValueSpecification<number> => ['interpolate', ['exponential', 1.4], ['zoom'], 9, least * k, 16, most * k];
  return [
    { id: 'back', type: 'background', paint: { 'background-color': c.back } },
    ...(tiles ? [{ id: 'tiles', type: 'raster', source: 'tiles' } as Layer] : []),
    { id: 'land', type: 'fill', source: 'base', filter: kind('land'), paint: { 'fill-color': c.district } },
    { id: 'district', type: 'fill', source: 'base', filter: kind('district'), paint: { 'fill-color': c.district, 'fill-opacity': tiles ? 0 : 1 } },
    { id: 'industrial', type: 'fill', source: 'base', filter: kind('industrial'), paint: { 'fill-color': c.industrial } },
    { id: 'water', type: 'fill', source: 'base', filter: ['all', kind('water'), ['==', ['geometry-type'], 'Polygon']], paint: { 'fill-color': c.water } },
    { id: 'river', type: 'line', source: 'base', filter: ['all', kind('water'), ['==', ['geometry-type'], 'LineString']], paint: { 'line-color': c.water, 'line-width': width(2, 24) } },
    { id: 'edge', type: 'line', source: 'base', filter: kind('district'), paint: { 'line-color': c.edge, 'line-width': 1.2, 'line-dasharray': [4, 3] } },
    { id: 'casing', type: 'line', source: 'base', filter: kind('road'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.casing, 'line-width': width(2.4, 16) } },
    { id: 'road', type: 'line', source: 'base', filter: kind('road'), layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': c.road, 'line-width': width(1.4, 12) } },
    { id: 'road-name', type: 'symbol', source: 'base', filter: kind('road'), minzoom: 11, layout: { 'symbol-placement': 'line', 'symbol-spacing': 400, 'text-field': name, 'text-font': FONT, 'text-size': 11 * k }, paint: { 'text-color': c.text, 'text-halo-color': c.halo, 'text-halo-width': 1.6 } },
    label('water-name', 'water', 12 * k, c.waterText),
    label('industrial-name', 'industrial', 11 * k, c.text),
    label('district-name', 'district', ['interpolate', ['linear'], ['zoom'], 9, 12 * k, 14, 18 * k], c.text, { 'text-font': BOLD, 'text-letter-spacing': 0.08 }),
  ];
}

interface BaseProperties {
  kind: string;
  name?: { en?: string; zh?: string };
}

function corners(geometry: Geometry): Position[] {
  return geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.type === 'MultiPolygon' ? geometry.coordinates[0][0] : geometry.type === 'LineString' ? geometry.coordinates : geometry.type === 'Point' ? [geometry.coordinates] : [];
}

/** Names are taken out of their objects, which tiles cannot hold; of each area one label stands in its middle, since an area that lies in several tiles would have one in each. */
function flatten(base: FeatureCollection): { shapes: FeatureCollection; labels: FeatureCollection } {
  const shapes: FeatureCollection = { type: 'FeatureCollection', features: [] };
  const labels: FeatureCollection = { type: 'FeatureCollection', features: [] };
  for (const feature of base.features) {
    const own = (feature.properties ?? {}) as BaseProperties;
    const properties = { kind: own.kind, en: own.name?.en ?? '', zh: own.name?.zh ?? own.name?.en ?? '' };
    shapes.features.push({ type: 'Feature', geometry: feature.geometry, properties });
    const around = corners(feature.geometry);
    if (own.kind === 'road' || !properties.en || around.length === 0) continue;
    const lon = around.map(each => each[0]);
    const lat = around.map(each => each[1]);
    const middle = feature.geometry.type === 'LineString' ? around[around.length >> 1] : [(Math.min(...lon) + Math.max(...lon)) / 2, (Math.min(...lat) + Math.max(...lat)) / 2];
    labels.features.push({ type: 'Feature', geometry: { type: 'Point', coordinates: middle }, properties });
  }
  return { shapes, labels };
}

let read: Promise<[MapStyle, FeatureCollection]> | undefined;
const known = <T>(reading: Promise<T>, instead: T) =>
  reading.catch(error => {
    // A city without a map is drawn on an empty ground.
    if (error instanceof Refused && error.status === 404) return instead;
    throw error;
  });

/** True where this browser can draw a map at all. */
export function canDraw(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

export interface CityMap {
  map: Map;
  style: MapStyle;
  /** Takes it away, with all that it listens to. */
  remove: () => void;
}

/** Opens a map on the city's ground; `layers` gives what is drawn on it, again for each theme and language. */
export async function openMap(container: HTMLElement, layers: () => Layer[], sources: Record<string, SourceSpecification>, words: { zoomIn: string; zoomOut: string; map: string; touch: string; scroll: string }, at?: { center: [number, number]; zoom: number }): Promise<CityMap> {
  read ??= Promise.all([known(get<MapStyle>('/api/map/style'), NOWHERE), known(get<FeatureCollection>('/api/map/base'), NOTHING)]);
  read.catch(() => (read = undefined));
  const [style, base] = await read;
  const { shapes, labels } = flatten(base);
  const all = () => [...baseLayers(!!style.tiles), ...layers()];
  const map = new Map({
    container,
    attributionControl: style.attribution ? { compact: true } : false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: 0,
    renderWorldCopies: false,
    locale: { 'NavigationControl.ZoomIn': words.zoomIn, 'NavigationControl.ZoomOut': words.zoomOut, 'Map.Title': words.map, 'CooperativeGesturesHandler.MobileHelpText': words.touch, 'CooperativeGesturesHandler.WindowsHelpText': words.scroll, 'CooperativeGesturesHandler.MacHelpText': words.scroll },
    // On a phone one finger moves the page past the map, two move the map.
    cooperativeGestures: matchMedia('(max-width: 900px)').matches,
    ...(at ?? (style.bounds ? { bounds: style.bounds, fitBoundsOptions: { padding: 12 } } : { center: style.center, zoom: style.zoom })),
    style: {
      version: 8,
      sources: {
        base: { type: 'geojson', data: shapes, attribution: style.attribution },
        labels: { type: 'geojson', data: labels },
        ...(style.tiles ? { tiles: { type: 'raster', tiles: [style.tiles], tileSize: 256, attribution: style.attribution } } : {}),
        ...sources,
      },
      layers: all(),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
  const restyle = () => {
    for (const layer of all()) {
      if (!map.getLayer(layer.id)) continue;
      for (const [name, value] of Object.entries(layer.paint ?? {})) map.setPaintProperty(layer.id, name as 'line-color', value);
      for (const [name, value] of Object.entries(layer.layout ?? {})) map.setLayoutProperty(layer.id, name as 'visibility', value);
    }
  };
  await new Promise<void>(ready => map.once('load', () => ready()));
  const unsubscribe = [theme.subscribe(restyle), language.subscribe(restyle)];
  return {
    map,
    style,
    remove: () => {
      for (const stop of unsubscribe) stop();
      map.remove();
    },
  };
}
