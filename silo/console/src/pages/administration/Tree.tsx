import { useState } from 'preact/hooks';
import { language, type Text } from '../../words/language';

const isText = (value: unknown): value is Text => typeof value === 'object' && value !== null && Object.keys(value).length === 2 && 'en' in value && 'zh' in value;

/** What stands beside a folded part, so that one knows which it is: its name or id. */
function hint(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  const { name, id, code, kind } = value as Record<string, unknown>;
  return [isText(name) ? name[language.value] : typeof name === 'string' ? name : '', [id, code, kind].find(each => typeof each === 'string') as string].filter(Boolean).join(' · ');
}

/** A value of the rulebook, folded until somebody opens it. What has the words that are looked for is open. */
export function Tree({ name, value, find, items, depth = 0 }: { name: string; value: unknown; find: string; items: string; depth?: number }) {
  const [unfolded, setUnfolded] = useState(false);
  if (isText(value)) {
    return (
      <div class="leaf">
        <b>{name}</b>: {value[language.value]}
      </div>
    );
  }
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="leaf">
        <b>{name}</b>: {String(value)}
      </div>
    );
  }
  const parts = Array.isArray(value) ? value.map((each, i) => [hint(each) || String(i + 1), each] as const) : Object.entries(value);
  // A short list of plain values reads better in one line.
  if (Array.isArray(value) && value.every(each => typeof each !== 'object') && JSON.stringify(value).length < 100) {
    return (
      <div class="leaf">
        <b>{name}</b>: {value.length ? value.join(', ') : '–'}
      </div>
    );
  }
  const open = find.length > 1 && depth < 3 && JSON.stringify(value).toLowerCase().includes(find.toLowerCase());
  return (
    <details open={open || unfolded} onToggle={event => setUnfolded(event.currentTarget.open)}>
      <summary>
        {name}{' '}
        <span class="dim">
          {depth > 0 && !Array.isArray(value) && hint(value) !== name ? hint(value) : ''} ({parts.length} {items})
        </span>
      </summary>
      {/* Only what is open is drawn: all of it would be some ten thousand lines. */}
      {(open || unfolded) && parts.slice(0, 500).map(([part, each], i) => (
        <Tree key={i} name={part} value={each} find={find} items={items} depth={depth + 1} />
      ))}
    </details>
  );
}
