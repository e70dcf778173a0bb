import { useState } from 'preact/hooks';
import { outcomeName } from '../../app/session';
import { Field } from '../../parts/dialog';
import { choiceName, say, words } from '../../words/language';
import { Files } from './files';
import { type Order, defaultOutcome, outcomesOf } from './model';

const w = words({ outcome: 'What came of it', choose: 'Choose …', note: 'Note' }, { outcome: '处理结果', choose: '请选择…', note: '说明' });

export interface Handling {
  outcome: string;
  note: string;
  record: Record<string, string>;
  files: File[];
}

/** The state of a form that ends a work order: outcome, what the stage wants to be said with it, a note, pictures. */
export function useHandling(order: Order, workflow?: string) {
  const [handling, set] = useState<Handling>({ outcome: defaultOutcome(order, workflow), note: '', record: {}, files: [] });
  // Only what goes with the outcome that is chosen is asked, and sent.
  const asked = (order.asks ?? []).filter(field => !field.outcomes || field.outcomes.includes(handling.outcome));
  const body = () => ({
    outcome: handling.outcome || undefined,
    note: handling.note.trim() || undefined,
    record: asked.length ? Object.fromEntries(asked.map(field => [field.id, (handling.record[field.id] ?? '').trim()])) : undefined,
  });
  return { handling, set, asked, body };
}

/** Its fields: in a window on a desk, and on the page itself on a phone. */
export function HandlingFields({ order, workflow, of, pictureFirst }: { order: Order; workflow?: string; of: ReturnType<typeof useHandling>; pictureFirst?: boolean }) {
  const { handling, set, asked } = of;
  const codes = outcomesOf(order, workflow);
  const pictures = <Files of={handling.files} set={files => set({ ...handling, files })} />;
  return (
    <>
      {pictureFirst && pictures}
      <Field name={w('outcome')}>
        <select required value={handling.outcome} onChange={event => set({ ...handling, outcome: event.currentTarget.value })} data-test="outcome">
          {!codes.includes(handling.outcome) && <option value="">{w('choose')}</option>}
          {codes.map(code => (
            <option key={code} value={code}>
              {outcomeName(code)}
            </option>
          ))}
        </select>
      </Field>
      {asked.map(field => {
        const value = handling.record[field.id] ?? '';
        const change = (event: { currentTarget: { value: string } }) => set({ ...handling, record: { ...handling.record, [field.id]: event.currentTarget.value } });
        return (
          <Field key={field.id} name={say(field.name)}>
            {field.choices ? (
              <select required value={value} onChange={change} data-test={`record-${field.id}`}>
                <option value="">{w('choose')}</option>
                {field.choices.map(choice => (
                  <option key={choice} value={choice}>
                    {choiceName(choice)}
                  </option>
                ))}
              </select>
            ) : (
              <input required maxLength={300} value={value} onInput={change} data-test={`record-${field.id}`} />
            )}
          </Field>
        );
      })}
      <Field name={w('note')}>
        <textarea maxLength={1000} value={handling.note} onInput={event => set({ ...handling, note: event.currentTarget.value })} data-test="note" />
      </Field>
      {!pictureFirst && pictures}
    </>
  );
}
