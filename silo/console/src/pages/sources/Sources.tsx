import { may } from '../../app/session';
import { go, route } from '../../app/router';
import type { PageProps } from '../../main';
import { Tabs } from '../../parts/bits';
import { words } from '../../words/language';
import { Catalogue } from './Catalogue';
import { Quarantine } from './Quarantine';
import { Silences } from './Silences';
import { Source } from './Source';
import { Unregistered } from './Unregistered';
import './sources.css';

const w = words(
  { title: 'Sources', catalogue: 'Catalogue', silences: 'Silences', quarantine: 'Quarantine', unregistered: 'Unregistered' },
  { title: '数据源', catalogue: '资源目录', silences: '预警静默', quarantine: '隔离区', unregistered: '未登记' },
);

/** The city's sources: how they are, what is silenced, what could not be read, and what nobody registered. */
export default function Sources({ rest }: PageProps) {
  if (rest[0]) return <Source key={rest[0]} id={rest[0]} />;
  const tab = route.value.query.get('tab') ?? 'catalogue';
  const member = !may.value.chooseDepartment;
  return (
    <>
      <h1>{w('title')}</h1>
      <Tabs
        of={[['catalogue', w('catalogue')], ['silences', w('silences')], ...(member ? [] : ([['quarantine', w('quarantine')], ['unregistered', w('unregistered')]] as [string, string][]))]}
        chosen={tab}
        choose={id => go(id === 'catalogue' ? '/sources' : `/sources?tab=${id}`)}
      />
      {tab === 'silences' ? <Silences /> : tab === 'quarantine' ? <Quarantine /> : tab === 'unregistered' ? <Unregistered /> : <Catalogue />}
    </>
  );
}
