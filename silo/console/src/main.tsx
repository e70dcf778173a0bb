import { type ComponentType, render } from 'preact';
import { Shell } from './app/Shell';
import { type Route, route } from './app/router';
import { loaded } from './app/loaded';
import { enter, me } from './app/session';
import { Shown, useLoad } from './parts/load';
import { words } from './words/language';
import './app/console.css';

const w = words({ unknown: 'There is no such page.', home: 'To the city' }, { unknown: '没有这个页面。', home: '返回全市态势' });

/** A page gets what follows its own name in the path, decoded. */
export interface PageProps {
  rest: string[];
}

type Loader = () => Promise<{ default: ComponentType<PageProps> }>;

// Each page is a file of its own, loaded when it is first opened. Its styles hold below `data-page` with its name alone, since all styles are one sheet.
const pages: Record<string, Loader> = {
  '': () => import('./pages/city/City'),
  vehicles: () => import('./pages/vehicle/Vehicle'),
  enterprises: () => import('./pages/enterprise/Enterprise'),
  places: () => import('./pages/place/Place'),
  cases: () => import('./pages/cases/Cases'),
  desk: () => import('./pages/desk/Desk'),
  supervision: () => import('./pages/supervision/Supervision'),
  sources: () => import('./pages/sources/Sources'),
  models: () => import('./pages/models/Models'),
  administration: () => import('./pages/administration/Administration'),
};

function Current({ at }: { at: Route }) {
  const name = at.path[0] ?? '';
  const page = useLoad(pages[name] ? name : null, () => loaded(pages[name]!()));
  if (!pages[name]) {
    return (
      <p class="state">
        {w('unknown')} <a href="/">{w('home')}</a>
      </p>
    );
  }
  return <Shown of={page}>{({ default: Page }) => <Page rest={at.path.slice(1)} />}</Shown>;
}

const Console = () => (
  <Shell>
    {me.value && <Current at={route.value} />}
  </Shell>
);

render(<Console />, document.getElementById('app')!);
enter().catch(() => {});
