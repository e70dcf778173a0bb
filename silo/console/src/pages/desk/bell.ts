import { signal } from '@preact/signals';
import { kindName, severityName, words } from '../../words/language';
import { subjectName } from '../../words/subjects';
import type { DeskAlert } from './feed';

const w = words({ many: (n: string) => `${n} alerts of danger` }, { many: n => `${n}条危险警报` });

/** Whether danger is heard, and shown by the system; each by choice, and kept on this machine. */
export const sound = signal(localStorage.getItem('desk-sound') === 'yes');
export const notifications = signal(localStorage.getItem('desk-notifications') === 'yes' && 'Notification' in window && Notification.permission === 'granted');
sound.subscribe(on => localStorage.setItem('desk-sound', on ? 'yes' : 'no'));
notifications.subscribe(on => localStorage.setItem('desk-notifications', on ? 'yes' : 'no'));

let audio: AudioContext | null = null;

// A browser lets nothing sound before the person has touched the page: the first touch after a reload makes it ready again.
const ready = () => {
  if (!sound.peek()) return;
  audio ??= new AudioContext();
  void audio.resume();
};
for (const event of ['pointerdown', 'keydown']) addEventListener(event, ready, { passive: true });

/** Three times two tones, which is heard over a room and is no other machine's sound. */
export function ring(): void {
  ready();
  if (!audio || audio.state === 'closed') return;
  for (let i = 0; i < 6; i++) {
    const at = audio.currentTime + i * 0.18;
    const tone = audio.createOscillator();
    const loud = audio.createGain();
    tone.frequency.value = i % 2 ? 988 : 659;
    loud.gain.setValueAtTime(0, at);
    loud.gain.linearRampToValueAtTime(0.25, at + 0.02);
    loud.gain.linearRampToValueAtTime(0, at + 0.16);
    tone.connect(loud).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.17);
  }
}

/** Asks for the right to show notifications; false where the person or the browser says no. */
export async function allowNotifications(): Promise<boolean> {
  if (!('Notification' in window)) return false;
  return (await Notification.requestPermission()) === 'granted';
}

const EVERY_MS = 4000;
const DANGER = 4;
/** New danger: not what is said of work that is known already. */
const wakes = (alert: DeskAlert) => alert.severity >= DANGER && alert.live !== false && ['work-order', 'warning-updated', 'reopened'].includes(alert.type);
let waiting: DeskAlert[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;

/** Makes danger heard. Many at once are one sound and one notification. */
export function rouse(alert: DeskAlert, open: (id: string) => void): void {
  if (!wakes(alert) || (!sound.peek() && !notifications.peek())) return;
  waiting.push(alert);
  timer ??= setTimeout(
    () => {
      timer = undefined;
      last = Date.now();
      const [first, all] = [waiting[0]!, waiting.length];
      waiting = [];
      if (sound.peek()) ring();
      if (!notifications.peek()) return;
      try {
        const shown = new Notification(all > 1 ? w('many', String(all)) : `${severityName(first.severity)}: ${kindName(first.kind)}`, { body: subjectName(first.subject), tag: 'streaming-danger', requireInteraction: true });
        shown.onclick = () => {
          focus();
          open(first.case);
          shown.close();
        };
      } catch {
        // Phones only notify from a worker; the page shows it all the same.
      }
    },
    Math.max(250, EVERY_MS - (Date.now() - last)),
  );
}
