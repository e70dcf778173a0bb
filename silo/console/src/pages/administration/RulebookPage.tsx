import { useState } from 'preact/hooks';
import { get, post } from '../../api/client';
import { route, setQuery } from '../../app/router';
import { Panel, Table } from '../../parts/bits';
import { Field } from '../../parts/dialog';
import { FilePick } from '../../parts/file';
import { reason, Shown, useLoad } from '../../parts/load';
import { count, language, type Text, words } from '../../words/language';
import { Tree } from './Tree';

interface Answer {
  valid: boolean;
  version?: number;
  problems: { file?: string; path: string; message: string; found?: string; expected?: string; advice?: string }[];
  changes: { path: string; from?: unknown; to?: unknown }[];
}

const w = words(
  {
    version: (n: string) => `Version ${n} is in force.`, sections: 'What is in force', explain: 'Everything that warnings, routing and deadlines go by. It changes by the files of the city’s directory and by what is decided here: silences, routing rules, scenes, models.', find: 'Find in it', validate: 'Try a file against it', file: 'Which file', pick: 'Take its text from a file', text: 'Text of the file', check: 'Check', valid: 'It holds.', invalid: 'It does not hold.', problems: 'Problems', changes: 'What would change',
    noChanges: 'Nothing would change.', path: 'Where', message: 'What is wrong', from: 'Now', to: 'Then', nothing: 'Nothing is changed by checking: put the file into the city’s directory to take it into force.', absent: 'not there', found: 'found', expected: 'expected', more: 'Show more', matches: (n: string) => `${n} sections have it`, items: 'items',
  },
  {
    version: n => `第 ${n} 版生效中。`, sections: '生效规则', explain: '预警、派单、时限的全部依据。由城市目录中的文件及本系统中的决定（静默、派单规则、场景、模型）更改。', find: '查找', validate: '校验规则文件', file: '文件', pick: '从文件读取内容', text: '文件内容', check: '校验', valid: '校验通过。', invalid: '校验不通过。', problems: '问题', changes: '将产生的变化',
    noChanges: '没有变化。', path: '位置', message: '问题', from: '现为', to: '改为', nothing: '校验不会更改任何内容；将文件放入城市目录方可生效。', absent: '无', found: '现有', expected: '应为', more: '显示更多', matches: n => `${n} 个部分匹配`, items: '项',
  },
);

const files = ['limits.json', 'routing.json', 'workflows.json', 'departments.json', 'districts.json', 'calendar.json'];
const SHOWN = 200;

/** Names for the sections; one that is not here is shown as it is. */
const names: Record<string, Text> = {
  city: { en: 'City', zh: '城市' }, homeProvince: { en: 'Home province', zh: '本省' }, districts: { en: 'Districts', zh: '区域' }, departments: { en: 'Departments', zh: '部门' }, outcomes: { en: 'Outcomes', zh: '办理结果' }, workflows: { en: 'Workflows', zh: '流程' }, rules: { en: 'Routing rules', zh: '派单规则' }, calendar: { en: 'Calendar', zh: '工作日历' },
  roadLimits: { en: 'Road limits', zh: '公路超限标准' }, evasion: { en: 'Evasion of weighing', zh: '规避称重' }, learned: { en: 'Learned models', zh: '学习模型' }, tankLimits: { en: 'Tank limits', zh: '储罐限值' }, tankAnomalies: { en: 'Unusual tanks', zh: '储罐异常' }, video: { en: 'Camera events', zh: '视频事件' }, clonedPlates: { en: 'Cloned plates', zh: '套牌识别' }, vehicles: { en: 'Vehicles', zh: '车辆' },
  expiry: { en: 'How long things are kept', zh: '保留期限' }, storms: { en: 'Storms of warnings', zh: '预警风暴' }, minimumPlatePermille: { en: 'Least certainty of a plate, ‰', zh: '号牌最低置信度（‰）' }, lateAfterS: { en: 'A reading is late after, s', zh: '读数迟到判定（秒）' }, balances: { en: 'Mass balances', zh: '物料平衡' }, scenes: { en: 'Scenes', zh: '场景' }, supervision: { en: 'Supervision', zh: '督查' }, sources: { en: 'Sources', zh: '数据源' },
  registers: { en: 'Registers', zh: '登记簿' }, majorHazards: { en: 'Major hazards', zh: '重大危险源' }, merging: { en: 'Merging of reports', zh: '并案' }, decisions: { en: 'What was decided here', zh: '本系统中的决定' }, ratedLoads: { en: 'Rated loads', zh: '核定载质量' }, shipments: { en: 'Shipments', zh: '运输在途' }, substancePermits: { en: 'Permits for substances', zh: '物质许可' },
  enterprises: { en: 'Enterprises', zh: '企业' }, tankForecasts: { en: 'Forecasts of tanks', zh: '储罐预测' }, unloading: { en: 'Unloading', zh: '卸货地点' }, waybills: { en: 'Waybills', zh: '电子运单' },
};
const sectionName = (section: string) => names[section]?.[language.value] ?? section;

/** The rulebook in force, section by section, and a trial of a file against it. */
export function RulebookPage() {
  const all = useLoad('rulebook', signal => get<Record<string, unknown> & { version: number }>('/api/rulebook', signal));
  const find = route.value.query.get('find') ?? '';
  return (
    <div class="stack">
      <Trial />
      <Panel title={w('sections')}>
        <p class="dim">{w('explain')}</p>
        <Shown of={all}>
          {book => {
            const sections = Object.entries(book).filter(([name, value]) => name !== 'version' && (!find || `${name} ${sectionName(name)} ${JSON.stringify(value)}`.toLowerCase().includes(find.toLowerCase())));
            return (
              <>
                <p data-test="rulebook-version">
                  <strong>{w('version', count(book.version))}</strong>
                </p>
                <Field name={w('find')}>
                  <input type="search" value={find} onInput={event => setQuery({ find: event.currentTarget.value })} style={{ maxWidth: '24rem' }} />
                </Field>
                {find && <p class="dim">{w('matches', count(sections.length))}</p>}
                <div class="tree">
                  {sections.map(([name, value]) => (
                    <Tree key={name} name={sectionName(name)} value={value} find={find} items={w('items')} />
                  ))}
                </div>
              </>
            );
          }}
        </Shown>
      </Panel>
    </div>
  );
}

function Trial() {
  const [file, setFile] = useState(files[0]!);
  const [text, setText] = useState('');
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const [most, setMost] = useState(SHOWN);
  const check = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError('');
    setAnswer(null);
    setMost(SHOWN);
    try {
      setAnswer(await post<Answer>('/api/rulebook/validate', { file, text }));
    } catch (refused) {
      setError(reason(refused));
    }
    setBusy(false);
  };
  const pick = async (picked: File) => {
    if (files.includes(picked.name)) setFile(picked.name);
    setText(await picked.text());
    setAnswer(null);
  };
  return (
    <Panel title={w('validate')}>
      <form onSubmit={check}>
        <div class="two">
          <Field name={w('file')}>
            <select value={file} onChange={event => setFile(event.currentTarget.value)} data-test="rulebook-file">
              {files.map(name => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </Field>
          <div class="field">
            <span>{w('pick')}</span>
            <FilePick accept=".json,application/json" pick={picked => void pick(picked)} test="rulebook-pick" />
          </div>
        </div>
        <Field name={w('text')}>
          <textarea class="code" required spellcheck={false} value={text} onInput={event => setText(event.currentTarget.value)} data-test="rulebook-text" />
        </Field>
        <div class="buttons">
          <button class="main" disabled={busy} data-test="rulebook-check">
            {w('check')}
          </button>
          <span class="dim">{w('nothing')}</span>
        </div>
      </form>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      {answer && (
        <div class="stack" data-test="rulebook-answer">
          <p role="status">
            <strong class={answer.valid ? 'good' : 'late'}>{answer.valid ? `✓ ${w('valid')}` : `× ${w('invalid')}`}</strong>
          </p>
          {answer.problems.length > 0 && (
            <Table caption={w('problems')} head={[w('path'), w('message')]}>
              {answer.problems.slice(0, most).map((problem, i) => (
                <tr key={i} data-test="rulebook-problem">
                  <td class="code">{problem.path}</td>
                  <td>
                    {problem.message}
                    {problem.expected && (
                      <div class="dim">
                        {w('found')} <span class="code">{problem.found ?? w('absent')}</span>; {w('expected')} {problem.expected}
                      </div>
                    )}
                    {problem.advice && <div>{problem.advice}</div>}
                  </td>
                </tr>
              ))}
            </Table>
          )}
          {answer.valid && answer.changes.length === 0 && <p>{w('noChanges')}</p>}
          {answer.changes.length > 0 && (
            <>
              <h3>
                {w('changes')} ({count(answer.changes.length)})
              </h3>
              <Table caption={w('changes')} head={[w('path'), w('from'), w('to')]}>
                {answer.changes.slice(0, most).map((change, i) => (
                  <tr key={i} data-test="rulebook-change">
                    <td class="code">{change.path}</td>
                    <td>
                      <span class="code from">{shown(change.from)}</span>
                    </td>
                    <td>
                      <span class="code to">{shown(change.to)}</span>
                    </td>
                  </tr>
                ))}
              </Table>
            </>
          )}
          {Math.max(answer.changes.length, answer.problems.length) > most && (
            <p class="buttons">
              <button onClick={() => setMost(most + SHOWN)}>{w('more')}</button>
            </p>
          )}
        </div>
      )}
    </Panel>
  );
}

const shown = (value: unknown) => (value === undefined || value === null ? w('absent') : typeof value === 'string' ? value : JSON.stringify(value));
