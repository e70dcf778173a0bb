import { may, me } from '../../app/session';
import { go } from '../../app/router';
import type { PageProps } from '../../main';
import { Tabs } from '../../parts/bits';
import { words } from '../../words/language';
import { Audit } from './Audit';
import { Delegations } from './Delegations';
import { Devices } from './Devices';
import { Registers } from './Registers';
import { RulebookPage } from './RulebookPage';
import { Tokens } from './Tokens';
import { Webhooks } from './Webhooks';
import './administration.css';

const w = words(
  { title: 'Administration', devices: 'Devices', tokens: 'Tokens', delegations: 'Delegations', registers: 'Registers', webhooks: 'Webhooks', rulebook: 'Rulebook', audit: 'Audit', unknown: 'There is no such page.' },
  { title: '管理', devices: '设备', tokens: '令牌', delegations: '授权代理', registers: '登记簿', webhooks: '推送订阅', rulebook: '规则', audit: '审计', unknown: '没有这个页面。' },
);

const pages = { devices: Devices, tokens: Tokens, delegations: Delegations, registers: Registers, webhooks: Webhooks, rulebook: RulebookPage, audit: Audit };
type Tab = keyof typeof pages;

/** True for what this role would only be refused: the tab is not there for it. */
function closed(tab: Tab): boolean {
  const role = me.value?.role;
  if (tab === 'devices') return role === 'member';
  if (tab === 'tokens' || tab === 'audit' || tab === 'webhooks') return !may.value.supervise;
  return false;
}

/** Who and what may take part, what the registers say, by which rules, and who did what. */
export default function Administration({ rest }: PageProps) {
  const open = (Object.keys(pages) as Tab[]).filter(id => !closed(id));
  const tab = (rest[0] ?? open[0]) as Tab;
  const Page = pages[tab];
  return (
    <>
      <h1>{w('title')}</h1>
      <Tabs of={open.map(id => [id, w(id)])} chosen={tab} choose={id => go(`/administration/${id}`)} />
      {Page ? <Page /> : <p class="state">{w('unknown')}</p>}
    </>
  );
}
