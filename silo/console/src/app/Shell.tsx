import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reason } from '../parts/load';
import { clock, language, say, words } from '../words/language';
import { connected, figures, followFigures, lostMs } from './figures';
import { Search } from './Search';
import { route } from './router';
import { department, departmentName, district, districtName, hostName, me, rulebook, signIn, signOut } from './session';
import { theme } from './theme';

const w = words(
  {
    title: 'Streaming', signIn: 'Sign in', token: 'Token', go: 'Sign in', leave: 'Sign out', badToken: 'This token is not in force.', all: 'Whole city',
    city: 'City', desk: 'Desk', cases: 'Cases', supervision: 'Supervision', sources: 'Sources', models: 'Models', administration: 'Administration',
    department: 'Department', district: 'District', live: 'live', off: 'not connected', menu: 'Menu', main: 'Pages', skip: 'To the content', theme: 'Light or dark',
    lost: (t: string) => `No connection since ${t}. What you see is not current. It comes back by itself, with everything that happened meanwhile.`,
  },
  {
    title: '城市实时监管', signIn: '登录', token: '令牌', go: '登录', leave: '退出', badToken: '令牌无效。', all: '全市',
    city: '全市态势', desk: '工作台', cases: '案件', supervision: '督查', sources: '数据源', models: '模型', administration: '管理',
    department: '部门', district: '区域', live: '实时', off: '未连接', menu: '菜单', main: '页面', skip: '跳到内容', theme: '明暗切换',
    lost: t => `${t} 起连接中断，当前显示的不是最新情况。恢复后自动补齐。`,
  },
);

function Entrance() {
  const [token, setToken] = useState('');
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    try {
      await signIn(token.trim());
    } catch (refused) {
      setError((refused as { status?: number }).status === 401 ? w('badToken') : reason(refused));
      setBusy(false);
    }
  };
  return (
    <main class="entrance">
      <form onSubmit={submit}>
        <h1>{w('title')}</h1>
        <label for="token">{w('token')}</label>
        <input id="token" type="password" autoComplete="off" required autofocus value={token} onInput={event => setToken(event.currentTarget.value)} />
        <button class="main" disabled={busy}>
          {w('go')}
        </button>
        <p class="error" role="alert">
          {error}
        </p>
        <LanguageAndTheme />
      </form>
    </main>
  );
}

const LanguageAndTheme = () => (
  <>
    <button type="button" class="quiet" onClick={() => (language.value = language.value === 'zh' ? 'en' : 'zh')} lang={language.value === 'zh' ? 'en' : 'zh-CN'}>
      {language.value === 'zh' ? 'English' : '中文'}
    </button>
    <button type="button" class="quiet" aria-label={w('theme')} title={w('theme')} onClick={() => (theme.value = theme.value === 'light' ? 'dark' : 'light')}>
      ◐
    </button>
  </>
);

/** The frame around every page: where one can go, whose view it is, and whether what is shown is current. */
export function Shell({ children }: { children: ComponentChildren }) {
  const who = me.value;
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!who) return;
    const stop = new AbortController();
    followFigures(stop.signal);
    return () => stop.abort();
  }, [who]);
  const path = route.value.path[0] ?? '';
  useEffect(() => setOpen(false), [route.value]);
  if (who === undefined) return null;
  if (who === null) return <Entrance />;
  const overdue = figures.value?.districts.reduce((sum, each) => sum + each.overdue, 0) ?? 0;
  const link = (to: string, name: string, mark?: number) => (
    <a href={`/${to}`} aria-current={path === to ? 'page' : undefined}>
      {name}
      {mark ? <b class="mark">{mark}</b> : null}
    </a>
  );
  const departments = who.role === 'member' ? [who.department!] : rulebook.value.departments.map(item => item.id);
  const districts = [who.district, ...rulebook.value.districts.map(item => item.id).filter(id => (who.district === '*' ? id !== '*' : id.startsWith(`${who.district}.`)))];
  return (
    <>
      <a class="skip" href="#content">
        {w('skip')}
      </a>
      <header>
        <button class="menu quiet" aria-expanded={open} aria-label={w('menu')} onClick={() => setOpen(!open)}>
          ☰
        </button>
        <a href="/" class="brand">
          {say(rulebook.value.city) || w('title')}
        </a>
        <span class={`live ${connected.value ? 'on' : 'off'}`} role="status">
          {connected.value ? w('live') : w('off')}
        </span>
        <Search />
        <span class="grow" />
        <select aria-label={w('department')} value={department.value} disabled={departments.length < 2} onChange={event => (department.value = event.currentTarget.value)}>
          {departments.map(id => (
            <option key={id} value={id}>
              {departmentName(id)}
            </option>
          ))}
        </select>
        <select aria-label={w('district')} value={district.value} disabled={districts.length < 2} onChange={event => (district.value = event.currentTarget.value)}>
          {districts.map(id => (
            <option key={id} value={id}>
              {id === '*' ? w('all') : districtName(id)}
            </option>
          ))}
        </select>
        <span class="who" title={hostName.value}>
          {who.name}
        </span>
        <LanguageAndTheme />
        <button class="quiet" onClick={() => void signOut()}>
          {w('leave')}
        </button>
      </header>
      {lostMs.value !== null && (
        <p class="lost" role="alert">
          {w('lost', clock(lostMs.value))}
        </p>
      )}
      <div class="frame">
        <nav class={open ? 'open' : ''} aria-label={w('main')}>
          {link('', w('city'))}
          {link('desk', w('desk'))}
          {link('cases', w('cases'), overdue)}
          {link('supervision', w('supervision'))}
          {link('sources', w('sources'))}
          {link('models', w('models'))}
          {link('administration', w('administration'))}
        </nav>
        <main id="content" data-page={path} tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}
