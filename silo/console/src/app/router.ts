import { signal } from '@preact/signals';

/** Where the console is: the path's parts, decoded, and the query. */
export interface Route {
  path: string[];
  query: URLSearchParams;
}

function read(): Route {
  return { path: location.pathname.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(location.search) };
}

export const route = signal<Route>(read());
window.addEventListener('popstate', () => {
  route.value = read();
});

/** Goes to a path of the console; `replace` leaves no step behind to come back to. */
export function go(to: string, replace = false): void {
  if (to === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  const before = route.peek().path.join('/');
  route.value = read();
  if (route.peek().path.join('/') !== before) window.scrollTo(0, 0);
}

/** Changes some values of the query, so that a filter can be shared as a link. Null or '' takes one out. */
export function setQuery(values: Record<string, string | null>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ''), true);
}

// Links within the console change the page without loading it anew.
document.addEventListener('click', event => {
  const link = (event.target as Element).closest?.('a[href]') as HTMLAnchorElement | null;
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute('download') || link.origin !== location.origin || /^\/(api|orleans|health|metrics|openapi)(\/|$)/.test(link.pathname)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});

/** The address of a subject's page. */
export const subjectPath = (kind: string, id: string) =>
  `/${kind === 'enterprise' ? 'enterprises' : kind === 'place' ? 'places' : kind === 'source' ? 'sources' : 'vehicles'}/${encodeURIComponent(id)}`;
export const casePath = (id: string) => `/cases/${encodeURIComponent(id)}`;
