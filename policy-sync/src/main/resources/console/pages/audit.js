/** Audit: who did what, in a chain that nobody can change without its being seen. */
import { get, items, query, send } from '../api.js';
import { diffView } from '../diff.js';
import { debounced, h, put } from '../dom.js';
import { badge, button, empty, field, load, note, pageHead, problemBox, redraw, table, tell, waiting } from '../parts.js';
import { count, plural, roleTitle, stamp } from '../words.js';

const PAGE = 100;
const MOST_FIND = 100;
const FIND_AFTER_MILLISECONDS = 300;

export function auditPage(main, context) {
  const place = h('div');
  const verdict = h('div', { class: 'verified', 'aria-live': 'polite' });
  const org = context.platform && context.parameters.get('of') === 'all' ? '' : context.org;
  put(
    main,
    pageHead('Audit', 'Every change of anything: settings, agents, tokens, emergency denials. Each row carries the hash of the one before it.', ...(context.platform ? [button('Verify', (event) => verify(verdict, event.currentTarget), { icon: 'check' })] : []), button('Export', (event) => download(org, event.currentTarget), { icon: 'down' })),
    verdict,
    place,
  );
  const trail = new Trail(context, org);
  put(place, trail.element());
  return load(trail.list, 'the audit trail', () => trail.first());
}

/** The rows that were found, as far as one has read. */
class Trail {
  constructor(context, org) {
    this.context = context;
    this.org = org;
    this.rows = [];
    this.asked = 0;
    this.list = h('div');
    this.more = h('div');
    this.said = h('p', { class: 'small soft', role: 'status' });
    this.word = field('Filter', h('input', { type: 'search', maxlength: MOST_FIND, placeholder: 'who, action, target, why or details', value: context.parameters.get('find') ?? '', on: { input: debounced(FIND_AFTER_MILLISECONDS, () => this.look()) } }));
  }

  element() {
    const { context, org } = this;
    const scope = field('Of', h('select', { on: { change: () => { location.hash = context.hash('audit', { of: scope.control.value, find: this.find() }); } } }, h('option', { value: '', selected: org !== '' }, context.org), h('option', { value: 'all', selected: org === '' }, 'every organisation')));
    return h('div', { class: 'stack' }, h('div', { class: 'filters' }, this.word.element, context.platform && context.org ? scope.element : null), this.said, h('section', { class: 'card', 'aria-label': 'Audit trail' }, this.list, this.more));
  }

  find() {
    return this.word.control.value.trim();
  }

  async first() {
    this.rows = [];
    await this.page(null);
    return this.view();
  }

  /** The filter was changed: the server looks through the whole trail, not only through what is here. */
  async look() {
    this.context.remember({ of: this.org === '' ? 'all' : '', find: this.find() });
    put(this.said, this.find() === '' ? 'Loading…' : 'Looking…');
    put(this.more);
    const asked = ++this.asked;
    try {
      this.rows = [];
      await this.page(null, asked);
    } catch (failure) {
      if (failure.name !== 'AbortError' && asked === this.asked) {
        put(this.said);
        put(this.list, h('div', { class: 'pad' }, problemBox(failure, () => this.look())));
      }
      return;
    }
    if (asked === this.asked) {
      put(this.list, this.view());
    }
  }

  async page(before, asked = this.asked) {
    const answer = await get(query('/v1/audit', { org: this.org, order: 'newest', before, limit: PAGE, find: this.find() }), { signal: this.context.signal });
    if (asked !== this.asked) {
      return;
    }
    this.rows.push(...items(answer));
    const found = this.find() !== '';
    put(this.said, found ? `${plural(this.rows.length, 'row')} found${answer.next ? ' so far' : ''}` : `${plural(this.rows.length, 'row')}${answer.next ? ', the newest first' : ''}`);
    put(this.more, answer.next ? h('div', { class: 'more' }, button(found && items(answer).length < PAGE ? 'Look further back' : 'Show more', (event) => this.further(answer.next, event.currentTarget))) : null);
  }

  async further(before, pressed) {
    pressed.disabled = true;
    try {
      await this.page(before);
      redraw(this.list, this.view());
      this.more.querySelector('button')?.focus({ preventScroll: true });
    } catch (failure) {
      put(this.more, h('div', { class: 'pad' }, problemBox(failure, (event) => this.further(before, event.currentTarget))));
    }
  }

  view() {
    if (this.rows.length > 0) {
      return table('Audit trail', COLUMNS, this.rows.map(cells));
    }
    return this.find() === '' ? empty('list', 'Nothing yet', 'Changes appear here as they are made.') : empty('search', 'No such row', 'No row of the trail that was looked through has this text.');
  }
}

const COLUMNS = [{ title: 'Row', kind: 'numeric' }, { title: 'When', kind: 'nowrap' }, { title: 'Who' }, { title: 'Did', kind: 'head' }, { title: 'Organisation' }];

function cells(row) {
  return [
    h('span', { title: row.hash ?? '' }, count(row.number)),
    stamp(row.at),
    h('div', { class: 'stack tight' }, h('strong', null, row.who), row.role ? h('span', { class: 'faint' }, roleTitle(row.role)) : null),
    h('div', { class: 'stack tight' }, h('div', { class: 'row' }, badge(row.action), row.target && row.target !== row.org ? h('code', null, row.target) : null), row.why ? h('span', { class: 'soft' }, `“${row.why}”`) : null, detailsOf(row)),
    row.org ?? '–',
  ];
}

/** A change of settings as a difference; anything else as it was written. */
function detailsOf(row) {
  const { changes, ...others } = row.details ?? {};
  const isDiff = Array.isArray(changes) && changes.length > 0 && changes.every((change) => change.field && Array.isArray(change.added) && Array.isArray(change.removed));
  const left = isDiff ? others : (row.details ?? {});
  const text = Object.entries(left).map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`).join('\n');
  if (!isDiff && text === '') {
    return null;
  }
  return h('details', { class: 'plain' }, h('summary', null, 'Details', h('span', { class: 'unseen' }, ` of row ${row.number}`)), h('div', { class: 'stack tight' }, isDiff ? diffView(changes) : null, text === '' ? null : h('code', { class: 'details-text' }, text)));
}

async function verify(place, pressed) {
  pressed.disabled = true;
  put(place, h('div', { class: 'card' }, waiting('the verdict')));
  try {
    const found = await get('/v1/audit/verify');
    put(place, found.intact ? note('good', h('span', null, h('strong', null, 'The chain holds. '), `All ${count(found.rows)} rows are as they were written.`)) : note('bad', h('strong', null, `The chain is broken at row ${count(found.broken)}.`), h('span', null, `${found.why} Somebody changed the database past this program. Keep a copy of it, and compare with your last export.`)));
  } catch (failure) {
    put(place, problemBox(failure));
  } finally {
    pressed.disabled = false;
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
