import { part } from '../../api/client';
import type { Page } from '../../api/types';
import { subjectPath } from '../../app/router';
import { At } from '../../parts/bits';
import { Shown, useLoad } from '../../parts/load';
import { quantity, words } from '../../words/language';
import { look, withWhy } from '../../parts/why';
import type { EvidenceCopy } from './model';
import { copyName, evidenceName } from './words';

const w = words(
  { none: 'Nothing is kept yet.', open: 'Open', decoded: 'as read', raw: 'as it came', unvouched: 'no hash in the reading: nothing vouches for it', differs: 'its hash is not the one that the reading names', picture: 'Picture of', hash: 'SHA-256' },
  { none: '暂无存证。', open: '打开', decoded: '解析内容', raw: '原始内容', unvouched: '读数未带哈希，无法核验', differs: '与读数所带哈希不一致', picture: '图片', hash: 'SHA-256' },
);

const bytes = (size: number) => (size < 1024 ? quantity(size, 'B') : size < 1024 * 1024 ? quantity(size / 1024, 'KiB', 1) : quantity(size / 1024 / 1024, 'MiB', 1));

/** What the case keeps copies of: pictures first, since they are looked at first. What people reported is no reading of a source, and is shown with the reports. */
export function Evidence({ id, version, reported }: { id: string; version: string; reported?: boolean }) {
  const copies = useLoad<EvidenceCopy[]>(`evidence/${id}/${version}`, async signal => (await look<Page<EvidenceCopy>>(id, `/api/cases/${part(id)}/evidence`, signal)).items.filter(item => !reported || item.kind !== 'reading'));
  const path = (hash: string) => withWhy(id, `/api/cases/${part(id)}/evidence/${part(hash)}`);
  return (
    <Shown of={copies} empty={items => (items.length ? null : w('none'))}>
      {items => {
        const pictures = items.filter(item => item.state === 'kept' && item.type?.startsWith('image/') && item.sha256);
        return (
          <>
            {pictures.length > 0 && (
              <div class="pictures">
                {pictures.map(item => (
                  <a key={item.id} href={path(item.sha256!)} target="_blank" rel="noopener">
                    <img src={path(item.sha256!)} loading="lazy" alt={`${w('picture')} ${item.source ?? evidenceName(item.kind)}`} />
                  </a>
                ))}
              </div>
            )}
            <ul class="plain">
              {items.map(item => (
                <li key={item.id} class="evidence" data-test="evidence">
                  <div class="row">
                    <span>
                      <strong>{evidenceName(item.kind)}</strong> {item.source && (item.kind === 'attachment' ? <span class="dim">{item.source}</span> : <a href={subjectPath('source', item.source)}>{item.source}</a>)} {item.at && <At at={item.at} />}
                    </span>
                    <span class={item.state === 'failed' ? 'late' : 'dim'}>{copyName(item.state)}</span>
                  </div>
                  {item.reason && <small class="dim">{item.reason}</small>}
                  {item.kind === 'picture' && item.state === 'kept' && !item.expected && <small class="soon">{w('unvouched')}</small>}
                  {item.sha256 && item.state === 'kept' && (
                    <small class="row">
                      <span>
                        <a href={path(item.sha256)} target="_blank" rel="noopener">
                          {item.kind === 'reading' ? w('raw') : w('open')}
                        </a>
                        {item.decodedSha256 && (
                          <>
                            {' · '}
                            <a href={path(item.decodedSha256)} target="_blank" rel="noopener">
                              {w('decoded')}
                            </a>
                          </>
                        )}{' '}
                        {item.bytes !== undefined && <span class="dim">{bytes(item.bytes)}</span>}
                      </span>
                      <code title={`${w('hash')} ${item.sha256}`}>{item.sha256.slice(0, 12)}…</code>
                    </small>
                  )}
                </li>
              ))}
            </ul>
          </>
        );
      }}
    </Shown>
  );
}
