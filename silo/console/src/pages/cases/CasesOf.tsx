import { get, query } from '../../api/client';
import type { Page } from '../../api/types';
import { casePath } from '../../app/router';
import { anyStageName, departmentName } from '../../app/session';
import { Age, Deadline, Severity, State } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { kindName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import type { Case } from './model';
import { reviewFrom } from './review';
import { resultName } from './words';
import './cases.css';

const w = words({ none: 'No case.' }, { none: '无案件。' });

/** The newest cases that fit, as cards: for a page that has cases beside other things. `filter` is as `/api/cases` takes it. */
export function CasesOf({ filter, most = 10, showSubject }: { filter: Record<string, string | undefined>; most?: number; showSubject?: boolean }) {
  const key = query({ ...filter, limit: most });
  const loaded = useLoad<Page<Case>>(`cases-of${key}`, signal => get<Page<Case>>(`/api/cases${key}`, signal));
  return (
    <Shown of={loaded} empty={page => (page.items.length ? null : w('none'))}>
      {page => (
        <>
          {page.items.map(item => (
            <a key={item.id} class={`card s${item.severity}`} href={casePath(item.id)} onClick={() => reviewFrom(page.items.map(each => each.id))} data-test="case-card">
              <span class="row">
                <strong>
                  {kindName(item.kind)} {showSubject && subjectName(item.subject)} <span class="dim">{item.id}</span>
                </strong>
                <Severity of={item.severity} />
              </span>
              <span class="row">
                <span>
                  <State of={item.state} /> {item.outcome ? resultName(item.outcome) : anyStageName(item.stage)} <span class="dim">{departmentName(item.lead)}</span>
                </span>
                {item.state === 'open' ? <Deadline at={item.deadline} /> : <Age at={item.opened} />}
              </span>
            </a>
          ))}
        </>
      )}
    </Shown>
  );
}
