import { useEffect, useRef, useState } from 'preact/hooks';
import { part } from '../../api/client';
import type { Text } from '../../words/language';
import { districtName } from '../../app/session';
import { At, Facts } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { kindName, say, words } from '../../words/language';
import { look, withWhy } from '../../parts/why';
import type { Case, CaseReport } from './model';
import { channelName, reportStateName, resultName } from './words';

const w = words(
  {
    reporter: 'Reporter', contact: 'Contact', none: 'not named', place: 'Where', at: 'When', filed: 'Taken', guessed: 'found in the text', reference: 'Reference', why: 'Why it is in this case', call: 'Call back', called: 'Called back', due: 'to be called back', picture: 'Picture of the report', show: 'Show', channel: 'Channel', state: 'State',
    kind: 'Kind', choose: 'Choose for splitting', by: 'Filed by', district: 'District',
  },
  {
    reporter: '上报人', contact: '联系方式', none: '未留名', place: '地点', at: '时间', filed: '受理', guessed: '由文本识别', reference: '来源编号', why: '并案依据', call: '登记回访', called: '已回访', due: '待回访', picture: '上报图片', show: '查看', channel: '渠道', state: '状态',
    kind: '类型', choose: '选择拆分', by: '登记人', district: '区域',
  },
);

/** A report as the list of reports and its own address have it. */
export interface Report {
  id: string;
  case?: string;
  state: string;
  kind: string;
  kindGuessed: boolean;
  district: string;
  channel: string;
  reference?: string;
  text: string;
  place: { id?: string; address?: string; latitude?: number; longitude?: number };
  at: string;
  filed: string;
  pictures: { sha256: string; type: string }[];
  reason?: { basis: string; with?: string; sameKind?: boolean; distanceM?: number; minutes?: number; text?: number; score?: number };
  why?: Text;
  outcome?: string;
  calledBack?: { at: string; by: string; outcome: string; note?: string };
  earlierCases?: string[];
  reporter?: { name?: string; contact?: string };
  by: string;
}

export const placeText = (place: Report['place']) =>
  [place.address ?? place.id, place.latitude !== undefined && place.longitude !== undefined ? `${place.latitude.toFixed(5)}°, ${place.longitude.toFixed(5)}°` : null].filter(Boolean).join(' · ');

/** One report in full: what, where, by whom, and what was compared when it was put into its case. */
export function ReportFull({ id, of, children }: { id: string; of?: string; children?: (report: Report) => preact.ComponentChildren }) {
  const loaded = useLoad<Report>(`report/${id}`, signal => look<Report>(of ?? id, `/api/reports/${part(id)}`, signal));
  return (
    <Shown of={loaded}>
      {report => (
        <div class="stack">
          <p class="quote">{report.text}</p>
          {report.pictures.length > 0 && (
            <div class="pictures">
              {report.pictures.map((_, i) => (
                <a key={i} href={withWhy(of ?? id, `/api/reports/${part(report.id)}/pictures/${i + 1}`)} target="_blank" rel="noopener">
                  <img src={withWhy(of ?? id, `/api/reports/${part(report.id)}/pictures/${i + 1}`)} loading="lazy" alt={`${w('picture')} ${i + 1}`} />
                </a>
              ))}
            </div>
          )}
          <Facts
            of={[
              [w('kind'), `${kindName(report.kind)}${report.kindGuessed ? ` (${w('guessed')})` : ''}`],
              [w('state'), reportStateName(report.state)],
              [w('place'), placeText(report.place)],
              [w('district'), districtName(report.district)],
              [w('at'), <At at={report.at} />],
              [w('filed'), <At at={report.filed} />],
              [w('channel'), channelName(report.channel)],
              [w('reference'), report.reference],
              [w('by'), report.by],
              [w('reporter'), report.reporter ? [report.reporter.name, report.reporter.contact].filter(Boolean).join(' · ') : w('none')],
              [w('why'), say(report.why)],
              [w('called'), report.calledBack && `${resultName(report.calledBack.outcome)}${report.calledBack.note ? `: ${report.calledBack.note}` : ''} (${report.calledBack.by})`],
            ]}
          />
          {children?.(report)}
        </div>
      )}
    </Shown>
  );
}

/** The reports of a case: what brought each in; to be chosen for splitting, and called back once it is over. */
export function CaseReports({ found, chosen, choose, callBack }: { found: Case; chosen: string[]; choose?: (ids: string[]) => void; callBack?: (report: CaseReport) => void }) {
  return (
    <ul class="plain">
      {(found.reports ?? []).map(report => (
        <li key={report.id} class="evidence" data-test="case-report">
          <div class="row">
            <span>
              {choose && (
                <input
                  type="checkbox"
                  aria-label={`${w('choose')} ${report.id}`}
                  checked={chosen.includes(report.id)}
                  onChange={event => choose(event.currentTarget.checked ? [...chosen, report.id] : chosen.filter(id => id !== report.id))}
                />
              )}{' '}
              <strong>{channelName(report.channel)}</strong> <At at={report.at} />
            </span>
            {report.calledBack ? (
              <span class="good">
                {w('called')}: {resultName(report.calledBack.outcome)}
              </span>
            ) : found.state === 'closed' ? (
              <span class="soon">{w('due')}</span>
            ) : null}
          </div>
          <p class="dim">{say(report.why)}</p>
          <details class="inner">
            <summary>
              {w('show')} <code>{report.id}</code>
            </summary>
            <OnceOpen>
              <ReportFull id={report.id} of={found.id} />
            </OnceOpen>
          </details>
          {callBack && !report.calledBack && (
            <button type="button" onClick={() => callBack(report)}>
              {w('call')}
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What is in a `details` is drawn, and so read, once that is opened: each reading is a look into a person's report. */
function OnceOpen({ children }: { children: preact.ComponentChildren }) {
  const element = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const details = element.current?.closest('details');
    const toggled = () => setOpen(details?.open ?? false);
    details?.addEventListener('toggle', toggled);
    return () => details?.removeEventListener('toggle', toggled);
  }, []);
  return <div ref={element}>{open ? children : null}</div>;
}
