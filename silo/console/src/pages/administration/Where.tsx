import { districtName, me } from '../../app/session';
import { DepartmentOptions, DistrictOptions } from '../../parts/districts';
import { Field } from '../../parts/dialog';
import { words } from '../../words/language';

const w = words({ department: 'Department', district: 'District', none: 'none', city: 'whole city' }, { department: '部门', district: '区域', none: '无', city: '全市' });

export const DepartmentField = ({ value, set, required, name }: { value: string; set: (id: string) => void; required?: boolean; name?: string }) => (
  <Field name={name ?? w('department')}>
    <select value={value} required={required} onChange={event => set(event.currentTarget.value)} data-test="department">
      {!required && <option value="">{w('none')}</option>}
      {required && !value && <option value="" />}
      <DepartmentOptions />
    </select>
  </Field>
);

/** A district, or the whole city where that is one's own to give and the field takes it. */
export const DistrictField = ({ value, set, city = true }: { value: string; set: (id: string) => void; city?: boolean }) => (
  <Field name={w('district')}>
    <select value={value} onChange={event => set(event.currentTarget.value)} data-test="district">
      {city && me.value?.district === '*' && <option value="*">{w('city')}</option>}
      <DistrictOptions />
    </select>
  </Field>
);

export const districtOrCity = (id: string) => (id === '*' ? w('city') : districtName(id));
