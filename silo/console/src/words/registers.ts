import { language } from './language';

const names: Record<string, [en: string, zh: string]> = {
  vehicles: ['Vehicles', '车辆'], permits: ['Permits for oversize loads', '超限运输通行证'], enterprises: ['Enterprises', '企业'], 'substance-permits': ['Permits for substances', '危化品许可'], tanks: ['Tanks', '储罐'], drivers: ['Drivers', '驾驶员'], waybills: ['Waybills', '运单'], sites: ['Loading places', '装卸场所'],
  roads: ['Roads', '道路'], zones: ['Zones', '区域围栏'], stations: ['Stations', '站点'], distances: ['Distances', '路程'], staff: ['Staff', '人员'],
};

/** What a register is called. */
export const registerName = (register: string) => names[register]?.[language.value === 'zh' ? 1 : 0] ?? register;
