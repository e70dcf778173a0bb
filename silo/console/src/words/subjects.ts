import { signal } from '@preact/signals';
import { Refused, get, query } from '../api/client';
import { language, words } from './language';

const w = words(
  { yellow: 'yellow plate', blue: 'blue plate', green: 'green plate', 'yellow-green': 'yellow-green plate', white: 'white plate', black: 'black plate', reported: 'Reported by people' },
  { yellow: '黄牌', blue: '蓝牌', green: '绿牌', 'yellow-green': '黄绿牌', white: '白牌', black: '黑牌', reported: '群众上报' },
);

const PLATE = /^(.+?)-(yellow-green|yellow|blue|green|white|black)$/;
/** A unified social credit code, which is how an enterprise is known. */
const ENTERPRISE = /^[0-9A-HJ-NPQRTUWXY]{18}$/;
const REPORT = /^r-[0-9a-f]{20}$/;

const NAMES_MOST = 2000;
const AT_ONCE = 4;
const names = signal<ReadonlyMap<string, string>>(new Map());
const wanted = new Set<string>();
const asked = new Set<string>();
let asking = 0;
let over = false;

/** Asks the search for names that lists do not have. Few at a time, each once; where there is no search, not at all. */
function askOn(): void {
  while (!over && asking < AT_ONCE && wanted.size) {
    const id = wanted.values().next().value!;
    wanted.delete(id);
    asked.add(id);
    asking++;
    get<{ items: { type: string; id: string; name?: string }[] }>(`/api/search${query({ q: id, limit: 5 })}`)
      .then(
        answer => {
          const name = answer.items.find(item => item.id === id)?.name;
          if (name) names.value = new Map(names.value).set(id, name);
        },
        error => {
          if (error instanceof Refused && (error.status === 404 || error.status === 403)) over = true;
          else asked.delete(id);
        },
      )
      .finally(() => {
        asking--;
        askOn();
      });
  }
}

/** An enterprise's name as soon as it is known; until then nothing. */
function enterpriseName(id: string): string | undefined {
  const name = names.value.get(id);
  if (!name && !over && !asked.has(id) && asked.size < NAMES_MOST) {
    wanted.add(id);
    queueMicrotask(askOn);
  }
  return name;
}

/** What a case, a warning or a work order is about, as people say it: a plate with its colour, an enterprise by its name. */
export function subjectName(id: string): string {
  const plate = PLATE.exec(id);
  if (plate) return `${plate[1]}${language.value === 'zh' ? ' ' : ', '}${w(plate[2] as 'yellow')}`;
  if (REPORT.test(id)) return w('reported');
  return (ENTERPRISE.test(id) && enterpriseName(id)) || id;
}
