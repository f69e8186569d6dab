/** Charts as SVG. Each has a sentence for those who do not see it, and its numbers stand on the page as well. */
import { h, svg } from './dom.js';
import { count } from './words.js';

const VERDICTS = ['allowed', 'observed', 'denied'];
const HEIGHT = 220;
const LEFT = 48;
const BOTTOM = 26;
const TOP = 12;
/** A time below the chart needs so much room. */
const LABEL = 120;
/** About as many steps as a chart has; together longer than a day, a time needs its date. */
const LABELS = 60;
const DAY_SECONDS = 86_400 * 1.2;

/** The next round number above: 1, 2, 2.5 or 5 times a power of ten. */
function roundUp(number) {
  const power = 10 ** Math.floor(Math.log10(Math.max(number, 1)));
  return [1, 2, 2.5, 5, 10].map((step) => step * power).find((step) => step >= number) ?? number;
}

/** Queries by verdict over time, as stacked bars. */
export function timeChart(points, stepSeconds, width) {
  const most = roundUp(Math.max(4, ...points.map((point) => VERDICTS.reduce((sum, verdict) => sum + (point[verdict] ?? 0), 0))));
  const high = HEIGHT - BOTTOM - TOP;
  const slot = (width - LEFT) / Math.max(points.length, 1);
  const y = (value) => TOP + high - (value / most) * high;
  const totals = Object.fromEntries(VERDICTS.map((verdict) => [verdict, points.reduce((sum, point) => sum + (point[verdict] ?? 0), 0)]));
  const says = `Queries over time: ${VERDICTS.map((verdict) => `${count(totals[verdict])} ${verdict}`).join(', ')}.`;
  const chart = svg(
    'svg',
    { class: 'chart', viewBox: `0 0 ${width} ${HEIGHT}`, role: 'img', 'aria-label': says },
    [0, 0.5, 1].map((part) => [
      svg('line', { class: 'grid', x1: LEFT, x2: width, y1: y(most * part), y2: y(most * part) }),
      svg('text', { x: LEFT - 8, y: y(most * part) + 4, 'text-anchor': 'end' }, short(most * part)),
    ]),
    points.map((point, i) => bar(point, LEFT + i * slot, slot, y, stepSeconds)),
    timeLabels(points, slot, stepSeconds, width),
  );
  return h('figure', { class: 'stack tight' }, legend(totals), chart);
}

function bar(point, x, slot, y, stepSeconds) {
  let below = 0;
  const gap = slot > 4 ? Math.min(3, slot * 0.2) : 0;
  const parts = VERDICTS.map((verdict) => {
    const value = point[verdict] ?? 0;
    const from = y(below);
    below += value;
    return value === 0 ? null : svg('rect', { class: verdict, x: x + gap / 2, width: slot - gap, y: y(below), height: Math.max(from - y(below), 1), rx: Math.min(2, slot / 4) });
  });
  const title = `${clock(point.at, stepSeconds)}: ${VERDICTS.map((verdict) => `${count(point[verdict] ?? 0)} ${verdict}`).join(', ')}`;
  return svg('g', null, svg('title', null, title), svg('rect', { x, width: slot, y: TOP, height: HEIGHT - BOTTOM - TOP, fill: 'transparent' }), parts);
}

function timeLabels(points, slot, stepSeconds, width) {
  const every = Math.max(1, Math.ceil(points.length / Math.floor((width - LEFT) / LABEL)));
  return points.map((point, i) => (i % every === 0 ? svg('text', { x: LEFT + i * slot, y: HEIGHT - 6 }, clock(point.at, stepSeconds)) : null));
}

function clock(at, stepSeconds) {
  const day = stepSeconds * LABELS > DAY_SECONDS;
  return new Intl.DateTimeFormat('en-GB', day ? { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } : { hour: '2-digit', minute: '2-digit' }).format(new Date(at));
}

function short(number) {
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(number);
}

function legend(totals) {
  return h(
    'div',
    { class: 'legend' },
    VERDICTS.map((verdict) => h('span', null, svg('svg', { viewBox: '0 0 10 10', class: 'chart', 'aria-hidden': 'true' }, svg('rect', { class: verdict, width: 10, height: 10, rx: 3 })), verdict, h('b', null, count(totals[verdict])))),
  );
}

/** The most of something by name, as lying bars. */
export function barChart(rows, says, width) {
  const line = 30;
  const label = Math.min(250, Math.floor(width * 0.45));
  const letters = Math.floor(label / 7.2);
  const most = Math.max(1, ...rows.map((row) => row.value));
  return svg(
    'svg',
    { class: 'chart', viewBox: `0 0 ${width} ${rows.length * line}`, role: 'img', 'aria-label': `${says}: ${rows.map((row) => `${row.name} ${count(row.value)}`).join(', ')}.` },
    rows.map((row, i) => {
      const wide = Math.max(3, (row.value / most) * (width - label - 60));
      return svg(
        'g',
        { transform: `translate(0 ${i * line})` },
        svg('text', { x: label - 12, y: 19, 'text-anchor': 'end' }, row.name.length > letters ? `${row.name.slice(0, letters - 1)}…` : row.name),
        svg('rect', { class: 'denied', x: label, y: 6, width: wide, height: 18, rx: 4 }),
        svg('text', { x: label + wide + 8, y: 19 }, row.value < 1_000_000 ? count(row.value) : short(row.value)),
      );
    }),
  );
}
