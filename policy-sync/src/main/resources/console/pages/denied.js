/** Denied: what sessions were refused, by registrable domain, with the pattern that would allow it. */
import { get, items, path, query } from '../api.js';
import { barChart, timeChart } from '../chart.js';
import { h, put } from '../dom.js';
import { card, empty, glyph, load, pageHead, table } from '../parts.js';
import { count, plural, when } from '../words.js';
import { allowButton } from './allow.js';

const RANGES = [
  { days: 1, text: '24 hours' },
  { days: 7, text: '7 days' },
  { days: 30, text: '30 days' },
];
const MOST_DOMAINS = 200;
const MOST_BARS = 8;
/** Counts over time are kept for a week. */
const MOST_HOURS = 7 * 24;

export function deniedPage(main, context) {
  const chosen = Number(context.parameters.get('days')) || 7;
  const chart = h('div', { class: 'pad' });
  const domains = h('div', { class: 'stack' });
  const show = (days) => {
    put(segments, RANGES.map((range) => h('button', { type: 'button', 'aria-pressed': String(range.days === days), on: { click: () => { context.remember({ days: range.days }); show(range.days); } } }, range.text)));
    load(chart, 'the queries', () => queries(context, days, main));
    load(domains, 'the denied names', () => denied(context, days, main));
  };
  const segments = h('div', { class: 'segments', role: 'group', 'aria-label': 'Time' });
  put(main, pageHead('Denied', 'Names that sessions asked for and were refused. Some are what an agent needs; some are what it was told to keep from.', segments), card('Queries by verdict', 'Of the last week at most.', null, chart), domains);
  show(RANGES.some((range) => range.days === chosen) ? chosen : 7);
}

/** As wide as the place, so that its letters have the size of the page's. */
const wide = (main) => Math.min(920, Math.max(280, main.clientWidth - 50));

async function queries(context, days, main) {
  const found = await get(query(path`/v1/orgs/${context.org}/queries`, { hours: Math.min(days * 24, MOST_HOURS) }), { signal: context.signal });
  const points = found.points ?? [];
  if (points.every((point) => !point.allowed && !point.denied && !point.observed)) {
    return empty('clock', 'Nothing was asked', 'Nodes report what they decided every second. When sessions run and this stays empty, look whether nodes reach the control server.');
  }
  return timeChart(points, found['step-seconds'] ?? 3600, wide(main));
}

async function denied(context, days, main) {
  const found = items(await get(query(path`/v1/orgs/${context.org}/denied`, { days, limit: MOST_DOMAINS }), { signal: context.signal }));
  if (found.length === 0) {
    return h('section', { class: 'card' }, empty('check', 'Nothing was denied', 'No session was refused a name in this time.'));
  }
  const most = [...found].sort((one, other) => other.count - one.count).slice(0, MOST_BARS);
  return [
    card('Most denied', null, null, h('div', { class: 'pad' }, barChart(most.map((one) => ({ name: one.domain, value: one.count })), 'Denied queries by domain', wide(main)))),
    card('By domain', 'A pattern that you add reaches new sessions; running ones stay refused.', h('span', { class: 'soft small' }, plural(found.length, 'domain')), domainTable(context, found)),
  ];
}

function domainTable(context, found) {
  const columns = [{ title: 'Domain', kind: 'head' }, { title: 'Denied', kind: 'numeric' }, { title: 'First seen' }, { title: 'Last seen' }, { title: 'Would allow it' }];
  return table('Denied names by registrable domain', columns, found.map((one) => [domainCell(one), count(one.count), when(one.first), when(one.last), suggestion(context, one)]));
}

function domainCell(one) {
  const names = one.names ?? [];
  return h(
    'div',
    { class: 'stack tight' },
    h('strong', { class: 'mono' }, one.domain),
    names.length === 0 ? null : h('details', { class: 'plain' }, h('summary', null, plural(names.length, 'name'), h('span', { class: 'unseen' }, ` of ${one.domain}`)), h('ul', { class: 'denied-names' }, names.map((name) => h('li', null, h('code', null, name.name), h('span', { class: 'soft' }, `${count(name.count)}×, `, when(name.last)))))),
  );
}

function suggestion(context, one) {
  const pattern = one.suggestion?.pattern;
  if (!pattern) {
    return h('span', { class: 'soft' }, 'nothing: it is denied on purpose');
  }
  const warnings = one.suggestion.warnings ?? [];
  return h(
    'div',
    { class: 'stack tight' },
    h('div', { class: 'row apart nowrap-row' }, h('code', null, pattern), context.mayChange ? allowButton(context, pattern, null, { kind: 'small', text: 'Add' }) : null),
    warnings.map((warning) => h('p', { class: 'checked-warning' }, glyph('warn'), h('span', null, warning))),
  );
}
