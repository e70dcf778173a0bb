import { part } from '../../api/client';
import type { Page } from '../../api/types';
import { Age, At } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { count, say, words } from '../../words/language';
import { look, withWhy } from '../../parts/why';
import { type Notice, isMine } from './model';
import { noticeName } from './words';

const w = words(
  { none: 'No notice was sent to the subject.', until: 'Answer until', answer: 'Answer', picture: 'Picture of the answer', link: 'Link to hand over', attempts: (n: string) => `${n} attempts`, noChannel: 'no way to reach the subject is known: hand over the link' },
  { none: '未向当事人发出告知。', until: '答复时限', answer: '答复', picture: '答复图片', link: '转交链接', attempts: n => `尝试${n}次`, noChannel: '无可用送达方式，请转交链接' },
);

/** What was asked of the subject, whether it arrived, and the answer. */
export function Notices({ id, version }: { id: string; version: string }) {
  const notices = useLoad<(Notice & { department: string })[]>(`notices/${id}/${version}`, async signal => {
    const rows = (await look<Page<Notice & { department: string }>>(id, `/api/notices?case=${part(id)}&limit=50`, signal)).items;
    // The link is with the single notice, for those who may act on its work order.
    return Promise.all(rows.map(async row => (row.open && isMine(row) ? { ...row, link: (await look<Notice>(id, `/api/notices/${part(row.id)}`, signal).catch(() => null))?.link } : row)));
  });
  return (
    <Shown of={notices} empty={items => (items.length ? null : w('none'))}>
      {items => (
        <ul class="plain">
          {items.map(notice => (
            <li key={notice.id} class="evidence" data-test="notice">
              <div class="row">
                <strong>{noticeName(notice.state)}</strong>
                <Age at={notice.issued} />
              </div>
              {notice.text && <p>{say(notice.text)}</p>}
              {notice.open && (
                <p class="dim">
                  {w('until')} <At at={notice.until} />
                </p>
              )}
              {notice.channels.map(channel => (
                <p key={channel.channel} class="dim">
                  {channel.channel}: {noticeName(channel.state)}
                  {channel.attempts > 1 ? `, ${w('attempts', count(channel.attempts))}` : ''} {channel.reason}
                </p>
              ))}
              {notice.open && notice.channels.length === 0 && <p class="dim">{w('noChannel')}</p>}
              {notice.answer && (
                <p class="quote">
                  <strong>{w('answer')}</strong> <At at={notice.answer.at} />
                  <br />
                  {notice.answer.note}
                </p>
              )}
              {notice.answer?.pictureSha256 && (
                <div class="pictures">
                  <a href={withWhy(id, `/api/notices/${part(notice.id)}/picture`)} target="_blank" rel="noopener">
                    <img src={withWhy(id, `/api/notices/${part(notice.id)}/picture`)} loading="lazy" alt={w('picture')} />
                  </a>
                </div>
              )}
              {notice.link && (
                <label class="field">
                  <span>{w('link')}</span>
                  <input readOnly value={notice.link.startsWith('/') ? location.origin + notice.link : notice.link} onFocus={event => event.currentTarget.select()} />
                </label>
              )}
            </li>
          ))}
        </ul>
      )}
    </Shown>
  );
}
