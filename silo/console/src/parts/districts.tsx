import { departmentName, districtName, me, rulebook } from '../app/session';
import type { Named } from '../api/types';

/** The districts and streets that this person sees: asking for another is refused. */
export function ownDistricts(): Named[] {
  const own = me.value?.district ?? '*';
  return rulebook.value.districts.filter(item => own === '*' || item.id === own || item.id.startsWith(`${own}.`));
}

/** The choices of a field for one of them. */
export const DistrictOptions = () => (
  <>
    {ownDistricts().map(item => (
      <option key={item.id} value={item.id}>
        {districtName(item.id)}
      </option>
    ))}
  </>
);

/** The choices of a field for a department. */
export const DepartmentOptions = () => (
  <>
    {rulebook.value.departments.map(item => (
      <option key={item.id} value={item.id}>
        {departmentName(item.id)}
      </option>
    ))}
  </>
);
