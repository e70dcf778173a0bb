import { go, route } from '../../app/router';
import type { PageProps } from '../../main';
import { Tabs } from '../../parts/bits';
import { words } from '../../words/language';
import { Overload } from './Overload';
import { Precision } from './Precision';
import { Routing } from './Routing';
import { Work } from './Work';
import './supervision.css';

const w = words(
  { title: 'Supervision', work: 'Work', precision: 'Were warnings right?', overload: 'Overload rate', routing: 'Routing rules' },
  { title: '督查', work: '办理情况', precision: '预警准确率', overload: '超限率', routing: '派单规则' },
);

/** Who is late, how well warnings hold, how much is overloaded, and which rulings should become rules. */
export default function Supervision(_: PageProps) {
  const tab = route.value.query.get('tab') ?? 'work';
  return (
    <>
      <h1>{w('title')}</h1>
      <Tabs
        of={[['work', w('work')], ['precision', w('precision')], ['overload', w('overload')], ['routing', w('routing')]]}
        chosen={tab}
        choose={id => {
          const query = new URLSearchParams(location.search);
          if (id === 'work') query.delete('tab');
          else query.set('tab', id);
          go(`/supervision${query.size ? `?${query}` : ''}`);
        }}
      />
      {tab === 'precision' ? <Precision /> : tab === 'overload' ? <Overload /> : tab === 'routing' ? <Routing /> : <Work />}
    </>
  );
}
