import { go, route } from '../../app/router';
import type { PageProps } from '../../main';
import { Tabs } from '../../parts/bits';
import { words } from '../../words/language';
import { Learned } from './Learned';
import { Scene } from './Scene';
import { SceneForm } from './SceneForm';
import { Scenes } from './Scenes';
import './models.css';

const w = words({ title: 'Models', learned: 'Learned models', scenes: 'Scenes' }, { title: '模型', learned: '学习模型', scenes: '场景' });

/** What judges warnings: models that learned from closed cases, and scenes that departments wrote. */
export default function Models(_: PageProps) {
  const query = route.value.query;
  const tab = query.get('tab') ?? 'learned';
  const scene = query.get('scene');
  return (
    <>
      <h1>{w('title')}</h1>
      <Tabs of={[['learned', w('learned')], ['scenes', w('scenes')]]} chosen={tab} choose={id => go(id === 'learned' ? '/models' : `/models?tab=${id}`)} />
      {tab !== 'scenes' ? <Learned /> : query.get('draft') ? <SceneForm id={scene} /> : scene ? <Scene id={scene} /> : <Scenes />}
    </>
  );
}
