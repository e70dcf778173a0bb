import { useEffect, useRef } from 'preact/hooks';
import { words } from '../../words/language';
import { keysOn } from './review';

const w = words({ keys: 'Keys', close: 'Close', key: 'Key', does: 'What it does', on: 'Single letters act as keys' }, { keys: '快捷键', close: '关闭', key: '按键', does: '作用', on: '启用单键快捷键' });

/** The keys of a page, over it. */
export function KeyHelp({ of, close }: { of: [string, string][]; close: () => void }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!element.current?.open) element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} onClose={close} aria-label={w('keys')} data-test="keys">
      <h2>{w('keys')}</h2>
      <table>
        <caption class="hidden">{w('keys')}</caption>
        <thead class="hidden">
          <tr>
            <th scope="col">{w('key')}</th>
            <th scope="col">{w('does')}</th>
          </tr>
        </thead>
        <tbody>
          {of.map(([key, does]) => (
            <tr key={key}>
              <th scope="row">
                <kbd>{key}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label class="check">
        <input type="checkbox" role="switch" checked={keysOn.value} onChange={event => (keysOn.value = event.currentTarget.checked)} data-test="keys-on" /> {w('on')}
      </label>
      <div class="buttons">
        <button type="button" class="main" onClick={close}>
          {w('close')}
        </button>
      </div>
    </dialog>
  );
}
