import type { CaseRow, Warning } from '../api/types';
import { casePath } from '../app/router';
import { count, kindName, words } from '../words/language';
import { Age, Deadline, Panel, Severity, State } from './bits';

const w = words({ title: 'Cases', none: 'There was never a case.', more: (n: string) => `and ${n} more` }, { title: '案件', none: '无案件记录。', more: n => `另有${n}件` });

const SHOWN = 10;

/** A subject's cases, the newest first. */
export const CaseCards = ({ cases }: { cases: CaseRow[] }) => (
  <Panel title={w('title')}>
    {cases.length === 0 && <p class="dim">{w('none')}</p>}
    {cases.slice(0, SHOWN).map(row => (
      <a key={row.id} class={`card s${row.severity}`} href={casePath(row.id)} data-test="subject-case">
        <span class="row">
          <strong>{row.id}</strong>
          <Severity of={row.severity} />
          <State of={row.state} />
        </span>
        <span class="row">
          <span>{kindName(row.kind)}</span>
          {row.state === 'open' ? <Deadline at={row.deadline} /> : <Age at={row.closed ?? row.opened} />}
        </span>
      </a>
    ))}
    {cases.length > SHOWN && <p class="dim">{w('more', count(cases.length - SHOWN))}</p>}
  </Panel>
);

/** Warnings of a state do not name their cases: theirs is the one that a warning opened, or the open one of the same kind. */
export const withCases = (warnings: Warning[], cases: CaseRow[]): Warning[] =>
  warnings.map(each => (each.case ? each : { ...each, case: cases.find(row => row.warning?.id === each.id)?.id ?? cases.find(row => row.kind === each.kind && row.state === 'open')?.id }));
