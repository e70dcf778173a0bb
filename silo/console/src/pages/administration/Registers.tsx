import { useState } from 'preact/hooks';
import { get } from '../../api/client';
import { may, me } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Shown, useLoad } from '../../parts/load';
import { words } from '../../words/language';
import { registerName } from '../../words/registers';
import { Entries } from './Entries';
import { Entry } from './Entry';
import { Import } from './Import';
import type { Register } from './register';

const w = words({ register: 'Register', explain: 'What the city knows of vehicles, enterprises and places, each statement with who made it.' }, { register: '登记簿', explain: '本市车辆、企业、场所等登记信息，每项均注明来源。' });

/** The registers: loading tables into them, and what they say. */
export function Registers() {
  const all = useLoad('registers', signal => get<{ items: Register[] }>('/api/registers', signal));
  const [loaded, setLoaded] = useState(0);
  const asked = route.value.query;
  const name = asked.get('register') ?? 'vehicles';
  const key = asked.get('key');
  return (
    <Shown of={all}>
      {({ items }) => {
        const register = items.find(item => item.register === name) ?? items[0]!;
        return (
          <div class="stack">
            <p class="dim">{w('explain')}</p>
            <div class="filters">
              <label class="field">
                <span>{w('register')}</span>
                <select value={register.register} onChange={event => setQuery({ register: event.currentTarget.value, key: null, source: null, differs: null })} data-test="register">
                  {items.map(item => (
                    <option key={item.register} value={item.register}>
                      {registerName(item.register)}
                    </option>
                  ))}
                </select>
              </label>
            </div>
            {key ? (
              <Entry register={register} id={key} />
            ) : (
              <>
                {(may.value.administer || me.value?.role === 'member') && <Import key={register.register} register={register} done={() => setLoaded(loaded + 1)} />}
                <Entries key={loaded} register={register} />
              </>
            )}
          </div>
        );
      }}
    </Shown>
  );
}
