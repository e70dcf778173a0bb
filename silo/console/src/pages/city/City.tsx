import { useEffect } from 'preact/hooks';
import { rulebook } from '../../app/session';
import { say, words } from '../../words/language';
import { Alerts } from './Alerts';
import { CityFigures } from './CityFigures';
import { MapPlace } from './MapPlace';
import { followPoints } from './points';
import './city.css';

const w = words({ title: 'The city now' }, { title: '全市态势' });

/** One screen for the whole city. Figures and alerts stand at once; the map is loaded beside them and never waited for. */
export default function City() {
  useEffect(() => {
    const stop = new AbortController();
    followPoints(stop.signal);
    return () => stop.abort();
  }, []);
  return (
    <div class="city">
      <h1 class="hidden">
        {say(rulebook.value.city)} {w('title')}
      </h1>
      <CityFigures />
      <Alerts />
      <MapPlace />
    </div>
  );
}
