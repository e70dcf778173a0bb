import { useState } from 'preact/hooks';
import { get, part, post, query, send } from '../../api/client';
import { departmentName, district, districtName, me, rulebook } from '../../app/session';
import { DistrictOptions } from '../../parts/districts';
import { At, Deadline, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { Shown, useLoad } from '../../parts/load';
import { UntilField, untilTime, useUntil } from '../../parts/until';
import { codes } from '../../words/codes';
import { count, kindName, words } from '../../words/language';

interface SilenceView {
  inForce: boolean;
  silence: {
    id: string; kinds?: string[]; subject?: string; source?: string; district?: string; department?: string; gravest?: boolean; by: string; reason: string; from: string; until: string; ended?: string; endedBy?: string; endReason?: string;
  };
}

const w = words(
  {
    silence: 'Silence warnings', everything: 'Nothing is named: this silences every warning.', silenceSource: (id: string) => `Silence the warnings of ${id}`, act: 'Silence', end: 'End now', endTitle: 'End this silence now?', endHint: 'What it held back and is still so opens its case at once.', reason: 'Reason', why: 'Why; it is kept with the silence and in the audit.',
    kinds: 'Kinds of warnings', source: 'Source', subject: 'Vehicle, enterprise or place', district: 'District', all: 'whole city', gravest: 'Also danger to life (severity 4)', gravestHint: 'Leave this off unless somebody watches by other means.',
    inForce: 'In force', over: 'Over', none: 'No silence is in force: everything is told.', what: 'What is silenced', by: 'By', from: 'Since', until: 'Until', ended: 'Ended', allKinds: 'all kinds', 
    ranOut: 'ran out', endedBy: (n: string) => `ended by ${n}`, deadly: 'severity 4 too', more: 'Show more', mayNot: 'Supervisors and administrators silence warnings.', explain: 'A silence holds warnings back: no case opens and nobody is alerted. The warnings themselves stay in the list.',
  },
  {
    silence: '静默预警', everything: '未指定范围：将静默所有预警。', silenceSource: id => `静默 ${id} 的预警`, act: '静默', end: '立即解除', endTitle: '立即解除该静默？', endHint: '被静默且仍未消除的预警将立即立案。', reason: '理由', why: '理由将随静默记录并留痕。',
    kinds: '预警类型', source: '数据源', subject: '车辆、企业或地点', district: '区域', all: '全市', gravest: '同时静默危及生命的预警（4级）', gravestHint: '除非已有其他方式值守，请勿勾选。',
    inForce: '生效中', over: '已结束', none: '当前没有生效的静默，所有预警照常告知。', what: '静默范围', by: '操作人', from: '开始', until: '结束', ended: '解除', allKinds: '全部类型', 
    ranOut: '到期自动结束', endedBy: n => `${n} 解除`, deadly: '含4级', more: '显示更多', mayNot: '督导和管理员可静默预警。', explain: '静默期间不立案、不提醒，预警仍保留在列表中。',
  },
);

const ROWS = 50;

/** True for who may silence and end silences. */
export const maySilence = () => me.value?.role === 'administrator' || me.value?.role === 'supervisor';
const settlesForTheCity = () => me.value?.role === 'administrator' || (me.value?.role === 'supervisor' && me.value.district === '*' && (!me.value.department || me.value.department === 'command-centre'));

/** Asks what is to be silenced, why and until when; for one source that is all. */
export function SilenceDialog({ source, close, done }: { source?: string; close: () => void; done: () => void }) {
  const [kinds, setKinds] = useState<string[]>([]);
  const [from, setFrom] = useState(source ?? '');
  const [subject, setSubject] = useState('');
  const [where, setWhere] = useState(source ? '' : district.value === '*' ? '' : district.value);
  const [reason, setReason] = useState('');
  const [gravest, setGravest] = useState(false);
  const [until, setUntil] = useUntil(4);
  const [key] = useState(() => crypto.randomUUID?.() ?? String(Math.random()));
  const mostDays = (rulebook.value.storms as { mostSilenceDays?: number } | undefined)?.mostSilenceDays ?? 7;
  const act = async () => {
    await post('/api/silences', { kinds, source: from.trim() || undefined, subject: subject.trim() || undefined, district: where || undefined, until: untilTime(until), reason, gravest, key });
    done();
  };
  return (
    <Dialog title={source ? w('silenceSource', source) : w('silence')} act={act} actName={w('act')} close={close}>
      <p class="dim">{w('explain')}</p>
      {!source && (
        <>
          <Field name={w('source')}>
            <input value={from} onInput={event => setFrom(event.currentTarget.value)} placeholder="S07" />
          </Field>
          <Field name={w('subject')}>
            <input value={subject} onInput={event => setSubject(event.currentTarget.value)} placeholder="粤H12345-yellow" />
          </Field>
          <Field name={w('district')}>
            <select value={where} onChange={event => setWhere(event.currentTarget.value)}>
              {me.value?.district === '*' && <option value="">{w('all')}</option>}
              <DistrictOptions />
            </select>
          </Field>
        </>
      )}
      <details class="kinds">
        <summary>
          {w('kinds')}: {kinds.length ? kinds.map(kindName).join(', ') : w('allKinds')}
        </summary>
        <div class="kinds-list">
          {Object.keys(codes.en.kinds).map(kind => (
            <label key={kind}>
              <input type="checkbox" checked={kinds.includes(kind)} onChange={() => setKinds(kinds.includes(kind) ? kinds.filter(each => each !== kind) : [...kinds, kind])} /> {kindName(kind)}
            </label>
          ))}
        </div>
      </details>
      {!from.trim() && !subject.trim() && kinds.length === 0 && (
        <p class="late" role="alert">
          {w('everything')}
        </p>
      )}
      <UntilField value={until} set={setUntil} hours={[1, 4, 12, 24, 72, 168].filter(hours => hours <= mostDays * 24)} />
      <Field name={w('reason')} hint={w('why')}>
        <textarea required value={reason} onInput={event => setReason(event.currentTarget.value)} data-test="reason" />
      </Field>
      {settlesForTheCity() && (
        <Field name={w('gravest')} hint={w('gravestHint')}>
          <input type="checkbox" checked={gravest} onChange={event => setGravest(event.currentTarget.checked)} />
        </Field>
      )}
    </Dialog>
  );
}

function EndDialog({ of, close, done }: { of: SilenceView; close: () => void; done: () => void }) {
  const [reason, setReason] = useState('');
  const act = async () => {
    await send('DELETE', `/api/silences/${part(of.silence.id)}${query({ reason })}`);
    done();
  };
  return (
    <Dialog title={w('endTitle')} act={act} actName={w('end')} danger close={close}>
      <p>{w('endHint')}</p>
      <Field name={w('reason')}>
        <input required value={reason} onInput={event => setReason(event.currentTarget.value)} />
      </Field>
    </Dialog>
  );
}

function What({ of }: { of: SilenceView['silence'] }) {
  const kinds = of.kinds?.length ? of.kinds.map(kindName).join(', ') : w('allKinds');
  const place = [of.source && `${w('source')} ${of.source}`, of.subject, of.district && districtName(of.district), of.department && departmentName(of.department)].filter(Boolean).join(' · ');
  return (
    <>
      {of.source ? (
        <a href={`/sources/${encodeURIComponent(of.source)}`}>
          <strong>{place}</strong>
        </a>
      ) : (
        <strong>{place || w('all')}</strong>
      )}
      <div>
        {kinds}
        {of.gravest && <span class="late"> · {w('deadly')}</span>}
      </div>
    </>
  );
}

/** Silences, of one source or of all that the caller may see. */
export function Silences({ source }: { source?: string }) {
  const all = useLoad('/api/silences', signal => get<{ items: SilenceView[] }>('/api/silences', signal), 15_000);
  const [asking, setAsking] = useState(false);
  const [ending, setEnding] = useState<SilenceView | null>(null);
  const [most, setMost] = useState(ROWS);
  const decides = maySilence();
  // On a source's page it stands under a heading of its own.
  const Heading = source ? 'h3' : 'h2';
  return (
    <div class="stack">
      {!source && <p class="dim">{w('explain')}</p>}
      {!decides && <p class="dim">{w('mayNot')}</p>}
      {decides && !source && (
        <div class="buttons">
          <button class="main" onClick={() => setAsking(true)} data-test="silence">
            {w('silence')}
          </button>
        </div>
      )}
      <Shown of={all}>
        {({ items }) => {
          const mine = source ? items.filter(item => item.silence.source === source) : items;
          const inForce = mine.filter(item => item.inForce);
          const over = mine.filter(item => !item.inForce);
          return (
            <>
              <Heading>
                {w('inForce')} ({count(inForce.length)})
              </Heading>
              {inForce.length === 0 ? (
                <p class="state">{w('none')}</p>
              ) : (
                <Table caption={w('inForce')} head={[w('what'), w('reason'), w('by'), w('from'), w('until'), '']}>
                  {inForce.slice(0, most).map(item => (
                    <tr key={item.silence.id} data-test="silence-row">
                      <td>
                        <What of={item.silence} />
                      </td>
                      <td>{item.silence.reason}</td>
                      <td>{item.silence.by}</td>
                      <td>
                        <At at={item.silence.from} />
                      </td>
                      <td>
                        <At at={item.silence.until} />
                        <div>
                          <Deadline at={item.silence.until} />
                        </div>
                      </td>
                      <td>{decides && <button onClick={() => setEnding(item)} data-test="end-silence">{w('end')}</button>}</td>
                    </tr>
                  ))}
                </Table>
              )}
              {over.length > 0 && (
                <>
                  <Heading>
                    {w('over')} ({count(over.length)})
                  </Heading>
                  <Table caption={w('over')} head={[w('what'), w('reason'), w('by'), w('from'), w('ended')]}>
                    {over.slice(0, most).map(item => (
                      <tr key={item.silence.id}>
                        <td>
                          <What of={item.silence} />
                        </td>
                        <td>{item.silence.reason}</td>
                        <td>{item.silence.by}</td>
                        <td>
                          <At at={item.silence.from} />
                        </td>
                        <td>
                          <At at={item.silence.ended ?? item.silence.until} />
                          <div class="dim">{item.silence.endedBy ? w('endedBy', item.silence.endedBy) : w('ranOut')}</div>
                          {item.silence.endReason && <div>{item.silence.endReason}</div>}
                        </td>
                      </tr>
                    ))}
                  </Table>
                </>
              )}
              {mine.length > most && (
                <p class="buttons">
                  <button onClick={() => setMost(most + ROWS)}>{w('more')}</button>
                </p>
              )}
            </>
          );
        }}
      </Shown>
      {asking && <SilenceDialog source={source} close={() => setAsking(false)} done={all.reload} />}
      {ending && <EndDialog of={ending} close={() => setEnding(null)} done={all.reload} />}
    </div>
  );
}

