import { useEffect, useState } from 'preact/hooks';
import { count, language, quantity, words } from '../../words/language';
import { FILES_MOST } from './acting';

const w = words(
  { files: 'Pictures and documents', take: 'Take a picture', choose: 'Choose files', remove: 'Remove', hint: 'JPEG, PNG or PDF, up to 10 MiB each', n: (n: string) => `${n} chosen` },
  { files: '图片和文件', take: '拍照', choose: '选择文件', remove: '移除', hint: 'JPEG、PNG或PDF，每个不超过10 MiB', n: n => `已选${n}个` },
);

const bytes = (size: number) => (size < 1024 ? quantity(size, 'B') : size < 1024 * 1024 ? quantity(size / 1024, 'KiB') : quantity(size / 1024 / 1024, 'MiB', 1));

/** Pictures from the camera or files; shown before they are sent, so that what is blurred is taken again. */
export function Files({ of, set, pictures, most = FILES_MOST }: { of: File[]; set: (files: File[]) => void; pictures?: boolean; most?: number }) {
  const add = (event: Event) => {
    const input = event.currentTarget as HTMLInputElement;
    set([...of, ...(input.files ?? [])].slice(0, most));
    input.value = '';
  };
  return (
    <fieldset class="files">
      <legend>
        {w('files')} {of.length > 0 && <span class="dim">{w('n', count(of.length))}</span>}
      </legend>
      <div class="buttons">
        <label class="button">
          {w('take')}
          <input type="file" class="hidden" accept="image/jpeg,image/png" capture="environment" disabled={of.length >= most} onChange={add} data-test="camera" />
        </label>
        <label class="button">
          {w('choose')}
          <input type="file" class="hidden" accept={pictures ? 'image/jpeg,image/png' : 'image/jpeg,image/png,application/pdf'} multiple disabled={of.length >= most} onChange={add} data-test="files" />
        </label>
      </div>
      {!pictures && <small class="dim">{w('hint')}</small>}
      {of.length > 0 && (
        <ul class="chosen-files">
          {of.map((file, i) => (
            <li key={`${file.name}/${file.size}/${file.lastModified}`}>
              <Thumbnail file={file} />
              <span>
                {file.name} <span class="dim">{bytes(file.size)}</span>
              </span>
              <button type="button" aria-label={`${w('remove')}${language.value === 'zh' ? '' : ' '}${file.name}`} onClick={() => set(of.filter((_, other) => other !== i))}>
                ✕
              </button>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}

function Thumbnail({ file }: { file: File }) {
  const [url, setUrl] = useState('');
  useEffect(() => {
    if (!file.type.startsWith('image/')) return;
    const made = URL.createObjectURL(file);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return url ? <img src={url} alt="" /> : <span aria-hidden="true">📄</span>;
}
