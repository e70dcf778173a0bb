import { useState } from 'preact/hooks';
import { call, get, query } from '../../api/client';
import { departmentName, may, me } from '../../app/session';
import { route, setQuery } from '../../app/router';
import { Figure, Panel, Table } from '../../parts/bits';
import { Dialog, Field } from '../../parts/dialog';
import { FilePick } from '../../parts/file';
import { reason, Shown, useLoad } from '../../parts/load';
import { count, quantity, words } from '../../words/language';
import { registerName } from '../../words/registers';
import { rejectName } from '../sources/names';
import { fieldName, type Register } from './register';

interface Outcome {
  source: string;
  register: string;
  dryRun: boolean;
  records: number;
  taken: number;
  refused: number;
  removed: number;
  known: number;
  problems: { line: number; field?: string; reason: string; detail: string }[];
  stopped?: string;
}

interface Device {
  id: string;
  owner?: string;
  register?: string;
}

const w = words(
  {
    title: 'Load a table', source: 'Whose word it is', noSource: 'There is no source whose word you may load here. An administrator registers it as a device that names this register.', toDevices: 'To the devices', file: 'Table: CSV with the columns’ names first, or JSON lines', full: 'It is the whole register of this source', fullHint: 'Entries of the source that the table does not have are removed.', again: 'Take again what was taken within the last day and a half',
    dryRun: 'Dry run', import: 'Import', dry: 'Tried out: nothing was changed.', done: 'Imported.', records: 'records', taken: 'would be taken', takenNow: 'taken', refused: 'refused', removed: 'removed', wouldBe: 'would be removed', known: 'known already', line: 'Line', field: 'Field', problem: 'Problem', problems: (n: string) => `Problems (${n})`, noProblems: 'No problem was found.', stopped: 'It stopped early', more: 'Show more', sure: (r: string) => `Import into ${r}?`, willTake: (n: string) => `Taken: ${n}.`,
    withProblems: (n: string) => `Left out because of their problems: ${n}.`, fields: 'Fields of this register', name: 'Column', meaning: 'Meaning', words: 'Words', needed: 'needed', personal: 'about persons', busy: 'Reading the table …', reason: 'Reason', size: (kb: string) => `(${kb})`, caption: 'Problems by line', first: 'Make a dry run first: it lists every problem and changes nothing.', rows: 'rows',
  },
  {
    title: '导入表格', source: '数据来源', noSource: '没有您可导入的数据源。由管理员登记指定该登记簿的设备。', toDevices: '去登记设备', file: '表格：首行为列名的CSV，或JSON行', full: '为该来源的全量数据', fullHint: '表中没有的该来源条目将被移除。', again: '重新接收近一天半内已接收的记录',
    dryRun: '试导入', import: '正式导入', dry: '试导入完成，未做任何更改。', done: '导入完成。', records: '条记录', taken: '可接收', takenNow: '已接收', refused: '拒收', removed: '已移除', wouldBe: '将移除', known: '已存在', line: '行', field: '字段', problem: '问题', problems: n => `问题（${n}）`, noProblems: '未发现问题。', stopped: '提前中止', more: '显示更多', sure: r => `导入${r}？`, willTake: n => `将导入 ${n} 条。`,
    withProblems: n => `有问题而跳过 ${n} 条。`, fields: '该登记簿的字段', name: '列名', meaning: '含义', words: '可选值', needed: '必填', personal: '涉及个人', busy: '正在读取表格…', reason: '理由', size: kb => `（${kb}）`, caption: '各行问题', first: '请先试导入：将列出所有问题，且不做任何更改。', rows: '条',
  },
);

const SHOWN = 100;

/** Loads a table: first a dry run that lists every problem by line, then the import of the very same file. */
export function Import({ register, done }: { register: Register; done: () => void }) {
  // The catalogue and not the devices: a department's member sees in it what the department owns, and may load that.
  const devices = useLoad('catalogue/registers', signal => get<{ items: Device[] }>('/api/catalogue?limit=1000', signal));
  const source = route.value.query.get('source') ?? '';
  const [file, setFile] = useState<File | null>(null);
  const [full, setFull] = useState(false);
  const [again, setAgain] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const [most, setMost] = useState(SHOWN);

  const load = async (from: string, dryRun: boolean, why = ''): Promise<Outcome> => {
    const csv = file!.name.toLowerCase().endsWith('.csv') || file!.type === 'text/csv';
    const response = await call(`/api/registers/${register.register}/records${query({ source: from, dryRun, full: full || undefined, again: again || undefined, reason: why })}`, {
      method: 'POST',
      body: file,
      headers: { 'Content-Type': csv ? 'text/csv' : 'application/x-ndjson' },
    });
    return response.json();
  };
  const tryOut = async (from: string) => {
    setBusy(true);
    setError('');
    setOutcome(null);
    setMost(SHOWN);
    try {
      setOutcome(await load(from, true));
    } catch (refused) {
      setError(reason(refused));
    }
    setBusy(false);
  };
  // What is shown is of one file and choice: another one has to be tried anew.
  const anew = () => {
    setOutcome(null);
    setError('');
  };
  return (
    <Panel title={`${w('title')}: ${registerName(register.register)}`}>
      <Shown of={devices}>
        {({ items }) => {
          const sources = items.filter(item => item.register === register.register && (may.value.administer || item.owner === me.value?.department));
          if (sources.length === 0) {
            return (
              <p>
                {w('noSource')} {may.value.administer && <a href="/administration/devices">{w('toDevices')}</a>}
              </p>
            );
          }
          const from = sources.find(item => item.id === source)?.id ?? sources[0]!.id;
          return (
            <>
              <div class="filters">
                <label class="field">
                  <span>{w('source')}</span>
                  <select
                    value={from}
                    onChange={event => {
                      anew();
                      setQuery({ source: event.currentTarget.value });
                    }}
                    data-test="import-source"
                  >
                    {sources.map(item => (
                      <option key={item.id} value={item.id}>
                        {item.id} {item.owner ? `(${departmentName(item.owner)})` : ''}
                      </option>
                    ))}
                  </select>
                </label>
                <div class="field">
                  <span>{w('file')}</span>
                  <FilePick
                    accept=".csv,.jsonl,.ndjson,.json,text/csv"
                    name={file ? `${file.name} ${w('size', quantity(file.size / 1024, 'KiB', 1))}` : undefined}
                    test="import-file"
                    pick={picked => {
                      anew();
                      setFile(picked);
                    }}
                  />
                </div>
              </div>
              <div class="checks">
                <label>
                  <input
                    type="checkbox"
                    checked={full}
                    onChange={event => {
                      anew();
                      setFull(event.currentTarget.checked);
                    }}
                  />{' '}
                  <span>
                    {w('full')} <span class="dim">({w('fullHint')})</span>
                  </span>
                </label>
                <label>
                  <input
                    type="checkbox"
                    checked={again}
                    onChange={event => {
                      anew();
                      setAgain(event.currentTarget.checked);
                    }}
                  />{' '}
                  <span>{w('again')}</span>
                </label>
              </div>
              <div class="buttons">
                <button class={outcome?.dryRun ? '' : 'main'} disabled={!file || busy} onClick={() => void tryOut(from)} data-test="dry-run">
                  {w('dryRun')}
                </button>
                <button class="main" disabled={!file || busy || !outcome?.dryRun || outcome.taken + outcome.removed === 0} onClick={() => setAsking(true)} data-test="import">
                  {w('import')}
                </button>
                {busy && <span role="status">{w('busy')}</span>}
                {!outcome && !busy && <span class="dim">{w('first')}</span>}
              </div>
              {error && (
                <p class="error" role="alert">
                  {error}
                </p>
              )}
              {asking && outcome && (
                <Confirm
                  of={outcome}
                  close={() => setAsking(false)}
                  act={async why => {
                    setOutcome(await load(from, false, why));
                    done();
                  }}
                />
              )}
            </>
          );
        }}
      </Shown>
      {outcome && <Result of={outcome} most={most} more={() => setMost(most + SHOWN)} />}
      <details>
        <summary>{w('fields')}</summary>
        <Table caption={w('fields')} head={[w('name'), w('meaning'), w('words')]}>
          {register.fields.map(field => (
            <tr key={field.name}>
              <td class="code">{field.name}</td>
              <td>
                {fieldName(field)}
                {(field.needed || field.personal) && <div class="dim">{[field.needed && w('needed'), field.personal && w('personal')].filter(Boolean).join(', ')}</div>}
              </td>
              <td class="code">{field.words?.join(', ') ?? ''}</td>
            </tr>
          ))}
        </Table>
      </details>
    </Panel>
  );
}

const Result = ({ of, most, more }: { of: Outcome; most: number; more: () => void }) => (
  <div class="stack" data-test={of.dryRun ? 'dry-run-result' : 'import-result'}>
    <p role="status">
      <strong class={of.dryRun ? '' : 'good'}>{of.dryRun ? w('dry') : `✓ ${w('done')}`}</strong>
    </p>
    <div class="figures">
      <Figure name={w('records')} value={count(of.records)} />
      <Figure name={of.dryRun ? w('taken') : w('takenNow')} value={count(of.taken)} />
      <Figure name={w('refused')} value={count(of.refused)} tone={of.refused > 0 ? 'late' : ''} />
      <Figure name={w('known')} value={count(of.known)} />
      {of.removed > 0 && <Figure name={of.dryRun ? w('wouldBe') : w('removed')} value={count(of.removed)} tone="late" />}
    </div>
    {of.stopped && (
      <p class="late" role="alert">
        {w('stopped')}: {of.stopped}
      </p>
    )}
    {of.problems.length === 0 ? (
      <p class="good">✓ {w('noProblems')}</p>
    ) : (
      <>
        <h3>{w('problems', count(of.problems.length))}</h3>
        <Table caption={w('caption')} head={[w('line'), w('field'), w('problem')]}>
          {of.problems.slice(0, most).map((problem, i) => (
            <tr key={i} data-test="problem">
              <td>{count(problem.line)}</td>
              <td class="code">{problem.field ?? ''}</td>
              <td>
                <strong>{rejectName(problem.reason)}</strong>: {problem.detail}
              </td>
            </tr>
          ))}
        </Table>
        {of.problems.length > most && (
          <p class="buttons">
            <button onClick={more}>{w('more')}</button>
          </p>
        )}
      </>
    )}
  </div>
);

function Confirm({ of, close, act }: { of: Outcome; close: () => void; act: (why: string) => Promise<void> }) {
  const [why, setWhy] = useState('');
  return (
    <Dialog title={w('sure', registerName(of.register))} act={() => act(why)} actName={w('import')} danger={of.removed > 0} close={close}>
      <p>{w('willTake', count(of.taken))}</p>
      {of.refused > 0 && <p class="soon">{w('withProblems', count(of.refused))}</p>}
      {of.removed > 0 && (
        <p class="late">
          {w('wouldBe')}: {quantity(of.removed, w('rows'))}
        </p>
      )}
      <Field name={w('reason')}>
        <input value={why} onInput={event => setWhy(event.currentTarget.value)} />
      </Field>
    </Dialog>
  );
}
