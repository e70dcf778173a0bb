import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { words } from '../words/language';
import { reason } from './load';

const w = words({ cancel: 'Cancel' }, { cancel: '取消' });

/** A window over the page that asks for something; it closes when what it asked for was done, and says why where it was not. */
export function Dialog({ title, act, actName, danger, close, children }: { title: string; act: () => Promise<void>; actName: string; danger?: boolean; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    if (!element.current?.open) element.current?.showModal();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      await act();
      close();
    } catch (refused) {
      setError(reason(refused));
      setBusy(false);
    }
  };
  return (
    <dialog ref={element} onClose={close} aria-label={title}>
      <form
        onSubmit={submit}
        onKeyDown={event => {
          // From a text of several lines, too, without leaving the keyboard.
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
      >
        <h2>{title}</h2>
        {children}
        {error && (
          <p class="error" role="alert">
            {error}
          </p>
        )}
        <div class="buttons">
          <button type="submit" class={danger ? 'danger' : 'main'} disabled={busy}>
            {actName}
          </button>
          <button type="button" onClick={close}>
            {w('cancel')}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** A labelled field. */
export const Field = ({ name, hint, children }: { name: string; hint?: string; children: ComponentChildren }) => (
  <label class="field">
    <span>{name}</span>
    {children}
    {hint && <small class="dim">{hint}</small>}
  </label>
);
