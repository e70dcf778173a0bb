import { me, rulebook } from '../app/session';
import type { Named } from '../api/types';

/** The districts and streets that this person sees: asking for another is refused. */
export function ownDistricts(): Named[] {
  const own = me.value?.district ?? '*';
  return rulebook.value.districts.filter(item => own === '*' || item.id === own || item.id.startsWith(`${own}.`));
}
