/** Audit: who did what, in a chain that nobody can change without its being seen. */
import { get, items, query, send } from '../api.js';
import { h, put } from '../dom.js';
import { badge, button, empty, field, load, note, pageHead, problemBox, table, tell } from '../parts.js';
import { count, roleTitle, when } from '../words.js';

const PAGE = 100;

export function auditPage(main, context) {
  const place = h('div');
  const verdict = h('div', { 'aria-live': 'polite' });
  const org = () => (context.platform && context.parameters.get('of') === 'all' ? '' : context.org);
  put(
    main,
    pageHead('Audit', 'Every change of anything: settings, agents, tokens, emergency denials. Each row carries the hash of the one before it.', ...(context.platform ? [button('Verify', () => verify(verdict), { icon: 'check' })] : []), button('Export', (event) => download(org(), event.currentTarget), { icon: 'down' })),
    verdict,
    place,
  );
  return load(place, 'the audit trail', () => auditView(context, org()));
}

async function auditView(context, org) {
  const rows = [];
  const list = h('div');
  const more = h('div');
  const said = h('p', { class: 'small soft', role: 'status' });
  const filter = field('Filter', h('input', { type: 'search', placeholder: 'who, action, target or why', on: { input: () => show() } }));
  const scope = field('Of', h('select', { on: { change: () => { location.hash = context.hash('audit', { of: scope.control.value }); } } }, h('option', { value: '', selected: org !== '' }, context.org), h('option', { value: 'all', selected: org === '' }, 'every organisation')));

  function show() {
    const word = filter.control.value.trim().toLowerCase();
    const found = rows.filter((row) => word === '' || [row.who, row.role, row.org, row.action, row.target, row.why].some((text) => String(text ?? '').toLowerCase().includes(word)));
    put(said, word === '' ? `${count(rows.length)} rows` : `${count(found.length)} of ${count(rows.length)} rows`);
    put(list, found.length === 0 ? empty('list', rows.length === 0 ? 'Nothing yet' : 'No such row', rows.length === 0 ? 'Changes appear here as they are made.' : 'Show more rows, or filter by less.') : table('Audit trail', COLUMNS, found.map(cells)));
  }

  async function page(before) {
    const answer = await get(query('/v1/audit', { org, order: 'newest', before, limit: PAGE }), { signal: context.signal });
    rows.push(...items(answer));
    show();
    put(more, answer.next ? h('div', { class: 'pad' }, button('Show more', () => page(answer.next).catch((failure) => put(more, problemBox(failure))))) : null);
  }

  await page(null);
  return h('div', { class: 'stack' }, h('div', { class: 'filters' }, filter.element, context.platform && context.org ? scope.element : null), said, h('section', { class: 'card', 'aria-label': 'Audit trail' }, list, more));
}

const COLUMNS = [{ title: 'Row', kind: 'numeric' }, { title: 'When' }, { title: 'Who' }, { title: 'Did', kind: 'head' }, { title: 'Organisation' }, { title: 'Details' }];

function cells(row) {
  return [
    h('span', { title: row.hash ?? '' }, count(row.number)),
    when(row.at),
    h('div', { class: 'stack tight' }, h('strong', null, row.who), row.role ? h('span', { class: 'faint' }, roleTitle(row.role)) : null),
    h('div', { class: 'stack tight' }, h('span', null, badge(row.action)), row.target ? h('code', null, row.target) : null, row.why ? h('span', { class: 'soft' }, `“${row.why}”`) : null),
    row.org ?? '–',
    detailsOf(row),
  ];
}

function detailsOf(row) {
  const text = typeof row.details === 'string' ? row.details : JSON.stringify(row.details ?? {}, null, 1);
  if (!text || text === '{}' || text === '[]') {
    return '–';
  }
  return h('details', { class: 'plain' }, h('summary', null, 'Show', h('span', { class: 'unseen' }, ` the details of row ${row.number}`)), h('code', { class: 'details-text' }, text));
}

async function verify(place) {
  put(place);
  try {
    const found = await get('/v1/audit/verify');
    put(place, found.intact ? note('good', h('span', null, h('strong', null, 'The chain holds. '), `All ${count(found.rows)} rows are as they were written.`)) : note('bad', h('strong', null, `The chain is broken at row ${count(found.broken)}.`), h('span', null, `${found.why} Somebody changed the database past this program. Keep a copy of it, and compare with your last export.`)));
  } catch (failure) {
    put(place, problemBox(failure));
  }
}

async function download(org, pressed) {
  pressed.disabled = true;
  try {
    const response = await send('GET', query('/v1/audit', { org }), { accept: 'application/x-ndjson' });
    const link = h('a', { href: URL.createObjectURL(await response.blob()), download: `audit${org ? `-${org}` : ''}.jsonl` });
    link.click();
    URL.revokeObjectURL(link.href);
    tell('Exported as JSON lines.');
  } catch (failure) {
    tell(failure.message);
  } finally {
    pressed.disabled = false;
  }
}
