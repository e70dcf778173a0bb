import { query } from '../../api/client';
import { departmentName, districtName, me } from '../../app/session';
import { go, route, setQuery } from '../../app/router';
import { Table } from '../../parts/bits';
import { Shown } from '../../parts/load';
import { More, usePages } from '../../parts/pages';
import { count, say, type Text, words } from '../../words/language';
import { sceneState } from './scene';

interface Summary {
  id: string;
  name: Text;
  department: string;
  districts: string[];
  state: string;
  revision: number;
  inForce?: number;
}

const w = words(
  {
    explain: 'A scene is a department’s own rule: so many events of cameras within a time make a warning. It is drafted, tried on what the cameras recorded, proposed, and approved by the command centre.', draft: 'Draft a scene', none: 'There is no scene with these filters.', scene: 'Scene', department: 'Department', districts: 'Districts', state: 'State', revision: 'Revision', inForce: 'In force', all: 'All', city: 'whole city', no: 'no', yes: (n: string) => `revision ${n}`, caption: 'Scenes, newest first',
  },
  {
    explain: '场景是部门自定规则：一定时间内摄像头事件达到次数即预警。起草后用历史录像事件回测，再提交指挥中心审批。', draft: '起草场景', none: '没有符合条件的场景。', scene: '场景', department: '部门', districts: '区域', state: '状态', revision: '修订', inForce: '生效版本', all: '全部', city: '全市', no: '无', yes: n => `第 ${n} 版`, caption: '场景，最新在前',
  },
);

const states = ['draft', 'tested', 'proposed', 'returned', 'approved', 'withdrawn'];
export const maySceneDraft = () => me.value?.role === 'administrator' || (!!me.value?.department && me.value.role !== 'inspector');

/** The scenes that the caller may see. */
export function Scenes() {
  const state = route.value.query.get('state') ?? '';
  const all = usePages<Summary>(`/api/scenes${query({ state })}`, 15_000);
  return (
    <div class="stack">
      <p class="dim">{w('explain')}</p>
      <div class="filters">
        <label class="field">
          <span>{w('state')}</span>
          <select value={state} onChange={event => setQuery({ state: event.currentTarget.value })}>
            <option value="">{w('all')}</option>
            {states.map(id => (
              <option key={id} value={id}>
                {sceneState(id)}
              </option>
            ))}
          </select>
        </label>
        {maySceneDraft() && (
          <button class="main" onClick={() => go('/models?tab=scenes&draft=new')} data-test="draft-scene">
            {w('draft')}
          </button>
        )}
      </div>
      <Shown of={all} empty={page => (page.items.length ? null : w('none'))}>
        {page => (
          <>
            <Table caption={w('caption')} head={[w('scene'), w('state'), w('department'), w('districts'), w('revision'), w('inForce')]}>
              {page.items.map(item => (
                <tr key={item.id} data-test="scene-row">
                  <td>
                    <a href={`/models?tab=scenes&scene=${encodeURIComponent(item.id)}`}>
                      <strong>{say(item.name)}</strong>
                    </a>
                    <div class="dim">{item.id}</div>
                  </td>
                  <td>
                    <span class={item.state === 'approved' ? 'good' : item.state === 'proposed' ? 'soon' : ''}>{sceneState(item.state)}</span>
                  </td>
                  <td>{departmentName(item.department)}</td>
                  <td>{item.districts.map(districtName).join(', ') || w('city')}</td>
                  <td>{count(item.revision)}</td>
                  <td>{item.inForce ? w('yes', count(item.inForce)) : w('no')}</td>
                </tr>
              ))}
            </Table>
            <More of={all} />
          </>
        )}
      </Shown>
    </div>
  );
}
