/** Denied: what sessions were refused, by registrable domain, with the pattern that would allow it. */
import { PAGE, get, items, path, query } from '../api.js';
import { barChart, timeChart } from '../chart.js';
import { h, put } from '../dom.js';
import { badge, button, card, empty, glyph, load, pageHead, segments, table } from '../parts.js';
import { covers } from '../patterns.js';
import { count, plural, when } from '../words.js';
import { allowButton } from './allow.js';

/** Counts by the minute are kept for a week, names for a month. */
const HOURS = [
  { value: 1, text: '1 hour' },
  { value: 24, text: '24 hours' },
  { value: 168, text: '7 days' },
];
const DAYS = [
  { value: 1, text: '24 hours' },
  { value: 7, text: '7 days' },
  { value: 30, text: '30 days' },
];
const USUAL_HOURS = 24;
const USUAL_DAYS = 7;
const MOST_BARS = 8;
const SHOWN = 50;
/** The server tells no more names of a domain. */
const MOST_NAMES = 50;

export function deniedPage(main, context) {
  const chart = h('div', { class: 'pad chart-place' });
  const domains = h('div', { class: 'stack' });
  const chosen = { hours: one(HOURS, context.parameters.get('hours'), USUAL_HOURS), days: one(DAYS, context.parameters.get('days'), USUAL_DAYS) };
  const choose = (what, value) => {
    chosen[what] = value;
    context.remember(chosen);
  };
  const chartRange = segments('Time of the queries', HOURS, chosen.hours, (hours) => {
    choose('hours', hours);
    load(chart, 'the queries', () => queries(context, hours, main));
  });
  const domainRange = segments('Time of the denied names', DAYS, chosen.days, (days) => {
    choose('days', days);
    load(domains, 'the denied names', () => denied(context, days, main));
  });
  put(
    main,
    pageHead('Denied', 'Names that sessions asked for and were refused. Some are what an agent needs; some are what it was told to keep from.'),
    card('Queries by verdict', null, chartRange, chart),
    h('div', { class: 'row apart' }, h('h2', null, 'Denied names'), domainRange),
    domains,
  );
  load(domains, 'the denied names', () => denied(context, chosen.days, main));
  return load(chart, 'the queries', () => queries(context, chosen.hours, main));
}

const one = (ranges, asked, usual) => ranges.find((range) => String(range.value) === asked)?.value ?? usual;

/** As wide as the place, so that its letters have the size of the page's. */
const wide = (main) => Math.min(950, Math.max(250, main.clientWidth - (window.innerWidth < 640 ? 34 : 50)));

async function queries(context, hours, main) {
  const found = await get(query(path`/v1/orgs/${context.org}/queries`, { hours }), { signal: context.signal });
  const points = found.points ?? [];
  if (points.every((point) => !point.allowed && !point.denied && !point.observed)) {
    return empty('clock', 'Nothing was asked', 'Nodes report what they decided every second. When sessions run and this stays empty, look whether nodes reach the control server.');
  }
  return timeChart(points, found['step-seconds'] ?? 3600, wide(main));
}

async function denied(context, days, main) {
  const [answer, settings] = await Promise.all([get(query(path`/v1/orgs/${context.org}/denied`, { days, limit: PAGE }), { signal: context.signal }), get(path`/v1/orgs/${context.org}/network-access`, { signal: context.signal })]);
  const found = items(answer);
  if (found.length === 0) {
    return h('section', { class: 'card' }, empty('check', 'Nothing was denied', 'No session was refused a name in this time.'));
  }
  const most = [...found].sort((a, b) => b.count - a.count).slice(0, MOST_BARS);
  return [
    card('Most denied', null, null, h('div', { class: 'pad' }, barChart(most.map((domain) => ({ name: domain.domain, value: domain.count })), 'Denied queries by domain', wide(main)))),
    domainsCard(context, found, settings),
  ];
}

function domainsCard(context, found, settings) {
  const place = h('div');
  const said = h('span', { class: 'soft small', role: 'status' });
  const filter = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the denied names', on: { input: () => show(SHOWN) } });
  const has = (domain, part) => domain.domain.includes(part) || (domain.names ?? []).some((name) => name.name.includes(part));

  function show(most) {
    const part = filter.value.trim().toLowerCase();
    const these = found.filter((domain) => has(domain, part));
    put(said, these.length === found.length ? `${found.length === PAGE ? 'the first ' : ''}${plural(found.length, 'domain')}` : `${count(these.length)} of ${plural(found.length, 'domain')}`);
    put(
      place,
      these.length === 0 ? empty('search', 'None of these', `No denied name contains “${part}”.`) : domainTable(context, these.slice(0, most), settings),
      these.length > most ? h('div', { class: 'row apart more' }, h('span', { class: 'small soft' }, `${count(most)} of ${count(these.length)}`), button(`Show ${count(Math.min(SHOWN, these.length - most))} more`, () => { show(most + SHOWN); place.querySelectorAll('tbody tr')[most]?.querySelector('summary, button')?.focus({ preventScroll: true }); }, { kind: 'small' })) : null,
    );
  }

  show(SHOWN);
  return card('By domain', 'A pattern that you add reaches new sessions; running ones stay refused.', said, found.length < 8 ? null : h('div', { class: 'list-filter' }, filter), place);
}

function domainTable(context, found, settings) {
  const columns = [{ title: 'Domain', kind: 'head' }, { title: 'Denied', kind: 'numeric' }, { title: 'First seen' }, { title: 'Last seen' }, { title: 'Would allow it' }];
  return table('Denied names by registrable domain', columns, found.map((domain) => [domainCell(domain), count(domain.count), when(domain.first), when(domain.last), suggestion(context, domain, settings)]));
}

function domainCell(domain) {
  const names = domain.names ?? [];
  return h(
    'div',
    { class: 'stack tight' },
    h('strong', { class: 'mono' }, domain.domain),
    names.length === 0 ? null : h('details', { class: 'plain' }, h('summary', null, names.length >= MOST_NAMES ? `The ${count(MOST_NAMES)} most asked names` : plural(names.length, 'name'), h('span', { class: 'unseen' }, ` of ${domain.domain}`)), h('ul', { class: 'denied-names' }, names.map((name) => h('li', null, h('code', null, name.name), h('span', { class: 'soft' }, `${count(name.count)}×, `, when(name.last)))))),
  );
}

/** What was denied then may be allowed or denied on purpose by now. */
function suggestion(context, domain, settings) {
  const pattern = domain.suggestion?.pattern;
  const names = (domain.names ?? []).map((name) => name.name);
  const by = (list) => (settings[list] ?? []).find((entry) => names.length > 0 && names.every((name) => covers(entry, name)));
  if (by('deny')) {
    return h('span', { class: 'soft' }, 'Denied on purpose by ', h('code', null, by('deny')));
  }
  if (by('allow')) {
    return h('div', { class: 'row' }, badge('Allowed by now', 'good', 'check'), h('code', { class: 'soft' }, by('allow')));
  }
  if (!pattern) {
    return h('span', { class: 'soft' }, 'Nothing: no pattern can allow it');
  }
  const warnings = domain.suggestion.warnings ?? [];
  return h(
    'div',
    { class: 'stack tight' },
    h('div', { class: 'suggested' }, h('code', null, pattern), context.mayChange ? allowButton(context, pattern, null, { kind: 'small', text: 'Add' }) : null),
    warnings.map((warning) => h('p', { class: 'checked-warning' }, glyph('warn'), h('span', null, warning))),
  );
}
