import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { theme } from '../app/theme';
import { hourMinute, language, number, quantity, timeOfDay } from '../words/language';
import type { Bound } from './limits';
import 'uplot/dist/uPlot.min.css';
import './curves.css';

/** One curve with its unit, and the limits that are drawn across it. */
export interface Curve {
  id: string;
  name: string;
  unit: string;
  values: (number | null)[];
  limits: Bound[];
}

const css = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Curves one above the other over the same hours, read together by one pointer. */
export function Curves({ seconds, curves, label }: { seconds: number[]; curves: Curve[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [dark, zh] = [theme.value, language.value];
  const drawn = useRef<{ plots: uPlot[]; ids: string }>({ plots: [], ids: '' });
  const ids = `${curves.map(each => `${each.id}${each.limits.map(limit => limit.value).join()}`).join('|')} ${dark} ${zh}`;
  const newest = useRef({ seconds, curves });
  newest.current = { seconds, curves };
  useEffect(() => {
    const element = box.current!;
    const wide = () => Math.max(200, element.clientWidth);
    const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
    const axis = { stroke: css('--dim'), grid: { stroke: css('--line'), width: 1 }, ticks: { stroke: css('--line') }, font: `${Math.round(rem * 0.8)}px ${css('--font')}` };
    const plots = newest.current.curves.map(curve => {
      const limits = curve.limits.map(each => each.value);
      return new uPlot(
        {
          width: wide(),
          height: Math.round(rem * 10.5),
          title: `${curve.name}, ${curve.unit}`,
          cursor: { sync: { key: label } },
          legend: { live: true },
          scales: {
            // A limit that is far away would flatten the curve; one that is near is always in sight.
            y: { range: (_, low, high) => range(low, high, limits) },
          },
          axes: [
            { ...axis, values: (_, splits) => splits.map(each => hourMinute(each * 1000)) },
            { ...axis, size: Math.round(rem * 4), space: 22, values: (_, splits) => splits.map(each => number(each)) },
          ],
          series: [
            { label: zh === 'zh' ? '时间' : 'Time', value: (_, at) => (at === null ? '–' : timeOfDay(at * 1000)) },
            { label: curve.name, stroke: css('--link'), width: 2, points: { show: false }, value: (_, value) => (value === null || value === undefined ? '–' : quantity(value, curve.unit, 1)) },
          ],
          hooks: { draw: [plot => drawLimits(plot, curve.limits, rem)] },
        },
        [newest.current.seconds, curve.values],
        element,
      );
    });
    drawn.current = { plots, ids };
    const sized = new ResizeObserver(() => plots.forEach(plot => plot.setSize({ width: wide(), height: plot.height })));
    sized.observe(element);
    return () => {
      sized.disconnect();
      plots.forEach(plot => plot.destroy());
      drawn.current = { plots: [], ids: '' };
    };
  }, [ids]);
  useEffect(() => {
    if (drawn.current.ids === ids) drawn.current.plots.forEach((plot, i) => plot.setData([seconds, curves[i].values]));
  }, [seconds, curves]);
  return <div ref={box} class="curves" role="img" aria-label={label} />;
}

function range(low: number | null, high: number | null, limits: number[]): [number, number] {
  let least = low ?? 0;
  let most = high ?? 1;
  for (const limit of limits) {
    if (limit >= most && limit - most < Math.max(most - least, Math.abs(most) * 0.6, 1)) most = limit;
    if (limit <= least && least - limit < Math.max(most - least, Math.abs(least) * 0.6, 1)) least = limit;
  }
  const air = (most - least || Math.abs(most) || 1) * 0.08;
  return [least - air, most + air];
}

function drawLimits(plot: uPlot, limits: Bound[], rem: number): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.setLineDash([8, 5]);
  ctx.lineWidth = 2;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'bottom';
  ctx.font = `${Math.round(rem * 0.8 * devicePixelRatio)}px ${css('--font')}`;
  for (const limit of limits) {
    const y = plot.valToPos(limit.value, 'y', true);
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = ctx.fillStyle = css('--late');
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.fillText(`${limit.name ?? ''} ${limit.text}`, bbox.left + 6, y - 2);
  }
  ctx.restore();
}
