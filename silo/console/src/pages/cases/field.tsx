import { useRef, useState } from 'preact/hooks';
import { Refused } from '../../api/client';
import { reason } from '../../parts/load';
import { words } from '../../words/language';
import { act } from './acting';
import { HandlingFields, useHandling } from './complete';
import { newKey, type Order } from './model';

const w = words({ title: 'Handle it here', send: 'Send picture, handling and record', sending: 'Sending …' }, { title: '现场处置', send: '一次提交照片、处置和记录', sending: '正在提交…' });

/** For a grid worker on a phone: picture, handling and record on one form, sent with one press. What failed halfway is sent again with the same key, and done once. */
export function FieldAct({ order, workflow, done, failed }: { order: Order; workflow?: string; done: (fresh: Order | null) => void; failed: () => void }) {
  const key = useRef(newKey());
  const handling = useHandling(order, workflow);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    try {
      done(await act(order, 'complete', handling.body(), key.current, handling.handling.files));
    } catch (refused) {
      setError(reason(refused));
      if (refused instanceof Refused && refused.status === 409) failed();
    }
    setBusy(false);
  };
  return (
    <form class="field-act" onSubmit={submit} data-test="field-act" aria-label={w('title')}>
      <h3>{w('title')}</h3>
      <HandlingFields order={order} workflow={workflow} of={handling} pictureFirst />
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <button class="main wide" disabled={busy} data-test="send">
        {w(busy ? 'sending' : 'send')}
      </button>
    </form>
  );
}
