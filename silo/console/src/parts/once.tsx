import { useState } from 'preact/hooks';
import { words } from '../words/language';

const w = words(
  { once: 'This is shown once and never again. Hand it over now.', copy: 'Copy', copied: 'Copied', gone: 'I have it: hide it' },
  { once: '仅显示一次，请立即妥善转交。', copy: '复制', copied: '已复制', gone: '已保存，隐藏' },
);

/** A secret that the server tells once. It is kept nowhere but on the screen, until it is hidden. */
export function Once({ name, secret, hide }: { name: string; secret: string; hide: () => void }) {
  const [copied, setCopied] = useState(false);
  return (
    <div class="panel once" role="status" data-test="once">
      <strong>{name}</strong>
      <p>{w('once')}</p>
      <p>
        <code class="secret" data-test="secret">
          {secret}
        </code>
      </p>
      <div class="buttons">
        {/* The clipboard is there on https and on this machine alone. */}
        {navigator.clipboard && (
          <button onClick={() => void navigator.clipboard.writeText(secret).then(() => setCopied(true))}>
            {copied ? w('copied') : w('copy')}
          </button>
        )}
        <button class="main" onClick={hide}>
          {w('gone')}
        </button>
      </div>
    </div>
  );
}
