import { useEffect, useRef, useState } from 'preact/hooks';
import { get, query } from '../api/client';
import { words } from '../words/language';
import { casePath, go, subjectPath } from './router';

interface Found {
  type: string;
  id: string;
  name?: string;
  district?: string;
  openWarnings?: number;
}

const w = words(
  { search: 'Plate, enterprise, source or case', nothing: 'Nothing found.', types: 'vehicle|enterprise|place|source|case', go: 'Find' },
  { search: '车牌、企业、数据源或案件', nothing: '未找到。', types: '车辆|企业|地点|数据源|案件', go: '查询' },
);
const typeName = (type: string) => w('types').split('|')[['vehicle', 'enterprise', 'place', 'source', 'case'].indexOf(type)] ?? type;
const pathOf = (found: Found) => (found.type === 'case' ? casePath(found.id) : subjectPath(found.type, found.id));

/** One search for everything, by any part of a plate. */
export function Search() {
  const [text, setText] = useState('');
  const [found, setFound] = useState<Found[] | null>(null);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const asked = text.trim();
    if (asked.length < 2) {
      setFound(null);
      return;
    }
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<{ items: Found[] }>(`/api/search${query({ q: asked, limit: 12 })}`, stop.signal).then(
        answer => {
          setFound(answer.items);
          setAt(0);
        },
        () => !stop.signal.aborted && setFound([]),
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [text]);
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key === '/' && !(event.target as Element).closest('input, textarea, select')) {
        event.preventDefault();
        box.current?.querySelector('input')?.focus();
      }
    };
    addEventListener('keydown', key);
    return () => removeEventListener('keydown', key);
  }, []);
  const choose = (item?: Found) => {
    if (!item) return;
    setFound(null);
    setText('');
    go(pathOf(item));
  };
  return (
    <form
      ref={box}
      class="search"
      role="search"
      onSubmit={event => {
        event.preventDefault();
        choose(found?.[at]);
      }}
      onKeyDown={event => {
        if (event.key === 'Escape') setFound(null);
        if (!found?.length || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
        event.preventDefault();
        setAt((at + (event.key === 'ArrowDown' ? 1 : found.length - 1)) % found.length);
      }}
      onFocusOut={event => !box.current?.contains(event.relatedTarget as Node) && setFound(null)}
    >
      <input
        value={text}
        placeholder={w('search')}
        aria-label={w('search')}
        role="combobox"
        aria-expanded={found !== null}
        aria-controls="found"
        aria-activedescendant={found?.length ? `found-${at}` : undefined}
        autoComplete="off"
        spellcheck={false}
        onInput={event => setText(event.currentTarget.value)}
      />
      {found && (
        <ul id="found" role="listbox" aria-label={w('search')}>
          {found.length === 0 && <li class="dim">{w('nothing')}</li>}
          {found.map((item, i) => (
            <li key={`${item.type}/${item.id}`} id={`found-${i}`} role="option" aria-selected={i === at} onMouseDown={() => choose(item)}>
              <strong>{item.name ?? item.id}</strong> <span class="dim">{typeName(item.type)}{item.name ? ` · ${item.id}` : ''}</span>
              {item.openWarnings ? <b class="mark">{item.openWarnings}</b> : null}
            </li>
          ))}
        </ul>
      )}
    </form>
  );
}
