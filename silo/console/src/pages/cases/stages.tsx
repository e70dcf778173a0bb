import { rulebook, stageName, workflowName } from '../../app/session';
import { say, stateName, words } from '../../words/language';
import type { Case } from './model';

const w = words(
  { stages: 'Stages', done: 'done', now: 'now', ahead: 'to come', skipped: 'not gone through', end: 'Closed' },
  { stages: '办理环节', done: '已过', now: '当前', ahead: '未到', skipped: '未经过', end: '结案' },
);

/** The way of a case through its workflow: what it went through, where it is, what may follow. */
export function Stages({ found }: { found: Case }) {
  const stages = rulebook.value.workflows.find(item => item.id === found.workflow)?.stages ?? [{ id: found.stage, name: stageName(found.workflow, found.stage) }];
  const visited = new Set(found.history.filter(entry => entry.what === 'stage').map(entry => entry.note));
  const open = found.state === 'open';
  return (
    <ol class="stages" aria-label={`${w('stages')}: ${workflowName(found.workflow)}`}>
      {stages.map(stage => {
        const current = open && stage.id === found.stage;
        const passed = !current && (visited.has(stage.id) || stage.id === found.stage);
        return (
          <li key={stage.id} class={current ? 'now' : passed ? 'done' : ''} aria-current={current ? 'step' : undefined}>
            <span>{say(stage.name)}</span>
            <small>
              {current ? '● ' : passed ? '✓ ' : ''}
              {w(current ? 'now' : passed ? 'done' : open ? 'ahead' : 'skipped')}
            </small>
          </li>
        );
      })}
      <li class={open ? '' : 'now'} aria-current={open ? undefined : 'step'}>
        <span>{open ? w('end') : stateName(found.state)}</span>
        <small>{w(open ? 'ahead' : 'now')}</small>
      </li>
    </ol>
  );
}
