import { useRef } from 'preact/hooks';
import { words } from '../words/language';

const w = words({ choose: 'Choose a file', none: 'none chosen' }, { choose: '选择文件', none: '未选择' });

/** Picks a file. The browser's own field speaks the browser's language and not the reader's, so it is hidden behind a button; it stays reachable for keyboards and tests. */
export function FilePick({ accept, name, test, disabled, pick }: { accept: string; name?: string; test?: string; disabled?: boolean; pick: (file: File) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <span class="buttons">
      <button type="button" disabled={disabled} onClick={() => input.current?.click()}>
        {w('choose')}
      </button>
      <span class={name ? '' : 'dim'}>{name || w('none')}</span>
      <input
        ref={input}
        type="file"
        class="hidden"
        tabIndex={-1}
        aria-label={w('choose')}
        accept={accept}
        data-test={test}
        onChange={event => {
          const file = event.currentTarget.files?.[0];
          if (file) pick(file);
          // The same file can be picked again after it was mended.
          event.currentTarget.value = '';
        }}
      />
    </span>
  );
}
