import { useEffect } from 'preact/hooks';
import { casePath, go } from '../../app/router';
import { count, words } from '../../words/language';
import { CaseView } from './CaseView';
import { goesOn, lastSeen, placeOf, review } from './review';

const w = words(
  { of: (n: string, all: string) => `${n} of ${all}`, next: 'Next', previous: 'Previous', list: 'List', goesOn: 'Go on once it is completed or returned', review: 'Review', title: (id: string) => `Case ${id}` },
  { of: (n, all) => `第${n}件，共${all}件`, next: '下一件', previous: '上一件', list: '列表', goesOn: '办结或退回后自动到下一件', review: '逐件审核', title: id => `案件${id}` },
);

/** A case on a page of its own, and the way through the list that it was opened from. */
export function CasePage({ id }: { id: string }) {
  const place = placeOf(id);
  const to = (other?: string) => (other ? () => go(casePath(other)) : undefined);
  useEffect(() => {
    lastSeen.id = id;
    const before = document.title;
    document.title = w('title', id);
    return () => {
      document.title = before;
    };
  }, [id]);
  return (
    <>
      <nav class="review" aria-label={w('review')} data-test="review">
        <a class="button" href={review.value.from}>
          ← {w('list')}
        </a>
        {place && (
          <>
            <button type="button" disabled={!place.previous} onClick={to(place.previous)}>
              {w('previous')} <kbd>K</kbd>
            </button>
            <span>{w('of', count(place.at), count(place.of))}</span>
            <button type="button" disabled={!place.next} onClick={to(place.next)}>
              {w('next')} <kbd>J</kbd>
            </button>
            <label class="check">
              <input type="checkbox" checked={goesOn.value} onChange={event => (goesOn.value = event.currentTarget.checked)} /> {w('goesOn')}
            </label>
          </>
        )}
      </nav>
      <CaseView key={id} id={id} field={innerWidth <= 900} go={{ next: to(place?.next), previous: to(place?.previous), back: () => go(review.value.from) }} />
    </>
  );
}
