import { useRef, useState } from 'preact/hooks';
import { Refused, post } from '../../api/client';
import { district, districtName, me, nowMs, rulebook } from '../../app/session';
import { Dialog, Field } from '../../parts/dialog';
import { codes } from '../../words/codes';
import { kindName, words } from '../../words/language';
import { localInput } from '../cases/acting';
import { Files } from '../cases/files';
import { newKey } from '../cases/model';
import type { Report } from '../cases/reports';
import { channelName } from '../cases/words';
import { base64, fitted } from './pictures';
import '../cases/cases.css';

const w = words(
  {
    title: 'Report something', file: 'Report', text: 'What is reported', textHint: 'As it was said. The kind of event is found in the text where it is not chosen.', channel: 'How it came', kind: 'Kind', guess: 'find it in the text', address: 'Address', latitude: 'Latitude, °', longitude: 'Longitude, °', here: 'Take my position', finding: 'Finding …', noPosition: 'The position cannot be had: allow it in the browser, or write the address.',
    at: 'When', district: 'District', byPosition: 'by the position', name: 'Name of the reporter', contact: 'Contact', private: 'For those alone who work on the case.', reference: 'Number at the hotline', where: 'Write an address or take the position.', place: 'Where', who: 'Who reports it', placeId: 'Place known to the city',
  },
  {
    title: '登记上报', file: '提交上报', text: '上报内容', textHint: '按原话填写；未选类型时由文本识别。', channel: '来源渠道', kind: '类型', guess: '由文本识别', address: '地址', latitude: '纬度（°）', longitude: '经度（°）', here: '使用当前位置', finding: '正在定位…', noPosition: '无法定位：请在浏览器中允许，或填写地址。',
    at: '时间', district: '区域', byPosition: '按位置确定', name: '上报人姓名', contact: '联系方式', private: '仅案件办理人员可见。', reference: '热线工单编号', where: '请填写地址或使用当前位置。', place: '地点', who: '上报人', placeId: '城市地点编号',
  },
);

const PICTURES_MOST = 4;
const PICTURE_BYTES = 5 * 1024 * 1024;

/** What people report: text, place, time, pictures, reporter. Sent again it is done once, by its key. */
export function ReportDialog({ close, filed }: { close: () => void; filed: (report: Report) => void }) {
  const key = useRef(newKey());
  const [of, set] = useState({
    text: '', channel: me.value?.level === 'street' ? 'grid' : 'hotline', kind: '', address: '', placeId: '', latitude: '', longitude: '', at: localInput(nowMs.peek()), district: district.value === '*' ? '' : district.value, name: '', contact: '', reference: '',
  });
  const [pictures, setPictures] = useState<File[]>([]);
  const [finding, setFinding] = useState(false);
  const [lost, setLost] = useState(false);
  const field = (name: keyof typeof of) => ({ value: of[name], onInput: (event: { currentTarget: { value: string } }) => set({ ...of, [name]: event.currentTarget.value }), 'data-test': `report-${name}` });
  const locate = () => {
    setFinding(true);
    setLost(false);
    if (!navigator.geolocation) {
      setFinding(false);
      setLost(true);
      return;
    }
    navigator.geolocation.getCurrentPosition(
      found => {
        setFinding(false);
        set(before => ({ ...before, latitude: found.coords.latitude.toFixed(6), longitude: found.coords.longitude.toFixed(6) }));
      },
      () => {
        setFinding(false);
        setLost(true);
      },
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  };
  const file = async () => {
    const hasPosition = of.latitude !== '' && of.longitude !== '';
    if (!of.address.trim() && !hasPosition && !of.placeId.trim()) throw new Refused(0, w('where'));
    const report = await post<Report>(
      '/api/reports',
      {
        text: of.text.trim(),
        channel: of.channel,
        kind: of.kind || undefined,
        district: of.district || undefined,
        place: { id: of.placeId.trim() || undefined, address: of.address.trim() || undefined, latitude: hasPosition ? Number(of.latitude) : undefined, longitude: hasPosition ? Number(of.longitude) : undefined },
        at: of.at ? new Date(of.at).toISOString() : undefined,
        pictures: pictures.length ? await Promise.all(pictures.map(async picture => base64(await fitted(picture, PICTURE_BYTES)))) : undefined,
        reporter: of.name.trim() || of.contact.trim() ? { name: of.name.trim() || undefined, contact: of.contact.trim() || undefined } : undefined,
        reference: of.reference.trim() || undefined,
      },
      key.current,
    );
    filed(report);
  };
  const own = me.value?.district ?? '*';
  return (
    <Dialog title={w('title')} act={file} actName={w('file')} close={close}>
      <div class="wide-form" data-test="report-form">
        <Field name={w('text')} hint={w('textHint')}>
          <textarea required maxLength={2000} autofocus {...field('text')} />
        </Field>
        <Files of={pictures} set={setPictures} pictures most={PICTURES_MOST} />
        <fieldset class="checks">
          <legend>{w('place')}</legend>
          <Field name={w('address')}>
            <input maxLength={200} {...field('address')} />
          </Field>
          <div class="two">
            <Field name={w('latitude')}>
              <input type="number" step="any" min={-90} max={90} {...field('latitude')} />
            </Field>
            <Field name={w('longitude')}>
              <input type="number" step="any" min={-180} max={180} {...field('longitude')} />
            </Field>
          </div>
          <div class="two">
            <Field name={w('district')}>
              <select value={of.district} onChange={event => set({ ...of, district: event.currentTarget.value })} data-test="report-district">
                <option value="">{own === '*' ? w('byPosition') : districtName(own)}</option>
                {rulebook.value.districts
                  .filter(item => own === '*' || item.id === own || item.id.startsWith(`${own}.`))
                  .map(item => (
                    <option key={item.id} value={item.id}>
                      {districtName(item.id)}
                    </option>
                  ))}
              </select>
            </Field>
            <Field name={w('placeId')}>
              <input maxLength={60} {...field('placeId')} />
            </Field>
          </div>
          <button type="button" onClick={locate} disabled={finding}>
            {w(finding ? 'finding' : 'here')}
          </button>
          {lost && (
            <p class="error" role="alert">
              {w('noPosition')}
            </p>
          )}
        </fieldset>
        <div class="two">
          <Field name={w('at')}>
            <input type="datetime-local" required max={localInput(nowMs.peek() + 60_000)} {...field('at')} />
          </Field>
          <Field name={w('channel')}>
            <select value={of.channel} onChange={event => set({ ...of, channel: event.currentTarget.value })} data-test="report-channel">
              {['hotline', 'grid', 'app'].map(channel => (
                <option key={channel} value={channel}>
                  {channelName(channel)}
                </option>
              ))}
            </select>
          </Field>
          <Field name={w('kind')}>
            <select value={of.kind} onChange={event => set({ ...of, kind: event.currentTarget.value })} data-test="report-kind">
              <option value="">{w('guess')}</option>
              {Object.keys(codes.en.kinds)
                .sort((a, b) => kindName(a).localeCompare(kindName(b)))
                .map(kind => (
                  <option key={kind} value={kind}>
                    {kindName(kind)}
                  </option>
                ))}
            </select>
          </Field>
          <Field name={w('reference')}>
            <input maxLength={120} {...field('reference')} />
          </Field>
        </div>
        <fieldset class="checks">
          <legend>{w('who')}</legend>
          <div class="two">
            <Field name={w('name')}>
              <input maxLength={100} autoComplete="off" {...field('name')} />
            </Field>
            <Field name={w('contact')}>
              <input maxLength={100} autoComplete="off" {...field('contact')} />
            </Field>
          </div>
          <small class="dim">{w('private')}</small>
        </fieldset>
      </div>
    </Dialog>
  );
}
