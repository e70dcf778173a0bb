import { call } from './client';

export interface StreamEvents {
  /** The stream is open: read now whatever it only says the changes of. Called after each reconnection. */
  opened?: (signal: AbortSignal) => void;
  message: (data: string, event: string) => void;
  /** True while it is connected. */
  connected?: (on: boolean) => void;
}

const SILENT_MS = 40_000;
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/**
 * Follows server-sent events until the signal ends it. A connection that breaks, or says nothing for 40 s, is made anew and goes on after the last number that came, so that there is no hole;
 * `fetch` rather than EventSource, since that one cannot tell silence from life, nor a refusal from a broken line.
 */
export async function follow(path: string, events: StreamEvents, signal: AbortSignal): Promise<void> {
  let last: string | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const attempt = new AbortController();
    const quit = () => attempt.abort();
    signal.addEventListener('abort', quit, { once: true });
    let watchdog = setTimeout(quit, SILENT_MS);
    try {
      const response = await call(path, { signal: attempt.signal, headers: last === undefined ? {} : { 'Last-Event-ID': last } });
      failures = 0;
      events.connected?.(true);
      events.opened?.(attempt.signal);
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        clearTimeout(watchdog);
        watchdog = setTimeout(quit, SILENT_MS);
        const blocks = (text + piece.value).split('\n\n');
        text = blocks.pop()!;
        for (const block of blocks) {
          let data = '';
          let event = 'message';
          for (const line of block.split('\n')) {
            if (line.startsWith('id:')) last = line.slice(3).trim();
            else if (line.startsWith('event:')) event = line.slice(6).trim();
            else if (line.startsWith('data:')) data += line.slice(5).trimStart();
          }
          if (data) events.message(data, event);
        }
      }
    } catch {
      // Said below; the next attempt tells whether it is over.
    } finally {
      clearTimeout(watchdog);
      signal.removeEventListener('abort', quit);
    }
    if (signal.aborted) return;
    events.connected?.(false);
    await new Promise(resume => setTimeout(resume, WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]));
  }
}
