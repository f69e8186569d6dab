/** Sessions: what runs, with which access; ending one; and the emergency denial, which reaches running ones. */
import { PAGE, get, items, path, query, remove } from '../api.js';
import { ask } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, empty, load, note, pageHead, problemBox, redraw, segments, table, tell, waiting } from '../parts.js';
import { age, count, plural, shortDigest, when } from '../words.js';
import { emergencyCard } from './emergency.js';
import { observedButton } from './observed.js';

/** People look at this page while something happens. */
const REFRESH_MILLISECONDS = 5_000;
const SHOWN = 50;
const FILTER_FROM = 8;

export async function sessionsPage(main, context) {
  const place = h('div', { class: 'stack' }, h('section', { class: 'card' }, waiting('the sessions')));
  const emergency = h('div');
  put(main, pageHead('Sessions', 'Each keeps the access it started with. A change of the settings reaches the sessions that start after it.'), place, emergency);
  load(emergency, 'the emergency denials', () => emergencyCard(context));
  const running = new Running(context, place);
  await running.look();
  const timer = setInterval(() => running.lookAgain(), REFRESH_MILLISECONDS);
  context.signal.addEventListener('abort', () => clearInterval(timer));
}

const KINDS = [
  { value: 'all', text: 'All', has: () => true },
  { value: 'stale', text: 'Older access', has: (session) => session.stale },
  { value: 'observe', text: 'Observed', has: (session) => session.mode === 'observe' },
];

/** The sessions as the nodes told of them last, and what of them is shown. */
class Running {
  constructor(context, place) {
    this.context = context;
    this.place = place;
    this.heard = '';
    this.sessions = [];
    this.kind = KINDS[0];
    this.most = SHOWN;
    this.observing = h('div');
    this.list = h('div');
    this.says = h('p');
    this.said = h('span', { class: 'soft small', role: 'status' });
    this.word = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Filter the sessions by id, agent or node', on: { input: () => this.first() } });
    this.filters = h('div', { class: 'list-filter row' }, this.word, segments('Which sessions', KINDS, 'all', (value) => { this.kind = KINDS.find((one) => one.value === value); this.first(); }));
    this.card = h('section', { class: 'card', 'aria-label': 'Running sessions' }, h('header', null, h('div', null, h('h2', null, 'Running'), this.says), this.said), this.filters, this.list);
  }

  async look() {
    this.take(await this.hear());
  }

  /** Unasked for: not while nobody sees it, and not below a dialog, whose end gives the focus back to what is there now. */
  async lookAgain() {
    const away = () => document.hidden || document.querySelector('dialog[open]');
    const heard = away() ? null : await this.hear();
    if (heard && !away()) {
      this.take(heard);
    }
  }

  /** What the server says now; what it said of the matter if it cannot; null if nobody wants to know any more. */
  async hear() {
    const { context } = this;
    try {
      return { answer: await get(query(path`/v1/orgs/${context.org}/sessions`, { limit: PAGE }), { signal: context.signal }) };
    } catch (failure) {
      return failure.name === 'AbortError' ? null : { failure };
    }
  }

  /** Drawn again only when something differs: nobody loses the focus or a half-read row. */
  take(said) {
    const heard = said && (said.failure?.message ?? JSON.stringify(said.answer, (key, value) => (key === 'last-heard' ? undefined : value)));
    if (!said || heard === this.heard) {
      age(this.list);
      return;
    }
    this.heard = heard;
    if (said.failure) {
      put(this.place, problemBox(said.failure, () => this.look()));
    } else {
      this.sessions = items(said.answer);
      this.next = said.answer.next;
      this.draw();
    }
  }

  draw() {
    if (this.sessions.length === 0) {
      put(this.place, h('section', { class: 'card' }, empty('boxes', 'No session runs', 'Sessions appear here when a node starts one for this organisation.')));
      return;
    }
    const observing = this.sessions.filter((session) => session.mode === 'observe');
    const stale = this.sessions.filter((session) => session.stale);
    put(this.observing, observing.length === 0 ? null : observingNote(observing));
    this.observing.hidden = observing.length === 0;
    put(this.says, stale.length === 0 ? 'All have the access of the settings as they are now.' : `${plural(stale.length, 'session')} ${stale.length === 1 ? 'has' : 'have'} older access than the settings as they are now.`);
    this.filters.hidden = this.sessions.length < FILTER_FROM;
    this.show();
    if (this.card.parentNode !== this.place) {
      put(this.place, this.observing, this.card);
    }
  }

  first() {
    this.most = SHOWN;
    this.show();
  }

  show() {
    const word = this.word.value.trim().toLowerCase();
    const found = this.sessions.filter(this.kind.has).filter((session) => [session.id, session.agent, session.node].some((text) => String(text ?? '').toLowerCase().includes(word)));
    put(this.said, found.length === this.sessions.length ? `${this.next ? 'the first ' : ''}${plural(found.length, 'session')}` : `${count(found.length)} of ${plural(this.sessions.length, 'session')}`);
    redraw(this.list, found.length === 0 ? empty('search', 'None of these', 'No running session fits the filter.') : this.table(found.slice(0, this.most)), found.length > this.most ? this.more(found.length) : null);
  }

  more(number) {
    return h('div', { class: 'row apart more' }, h('span', { class: 'small soft' }, `${count(this.most)} of ${count(number)}`), button(`Show ${count(Math.min(SHOWN, number - this.most))} more`, () => { const at = this.most; this.most += SHOWN; this.show(); this.list.querySelectorAll('tbody tr')[at]?.querySelector('button')?.focus({ preventScroll: true }); }, { kind: 'small' }));
  }

  table(sessions) {
    const { context } = this;
    const columns = [{ title: 'Session', kind: 'head' }, { title: 'State' }, { title: 'Access', kind: 'nowrap' }, { title: 'Node' }, { title: 'Started' }, ...(context.mayChange ? [{ title: '', kind: 'actions' }] : [])];
    return table('Sessions', columns, sessions.map((session) => [who(session), state(session), access(session), session.node ?? '–', when(session.started), ...(context.mayChange ? [actions(context, session, () => this.look())] : [])]));
  }
}

function observingNote(observing) {
  return h(
    'div',
    { class: 'card observing' },
    note('warn', h('strong', null, `${plural(observing.length, 'session')} ${observing.length === 1 ? 'runs' : 'run'} in observe mode: names that would be denied are answered`), h('span', null, 'Use it to find out what a task needs, with nothing in the sandbox that must not leak. Every name is recorded; the report proposes the smallest list.')),
  );
}

function who(session) {
  return h('div', { class: 'stack tight' }, h('strong', { class: 'mono' }, session.id), session.agent ? h('span', { class: 'soft' }, 'agent ', h('code', null, session.agent)) : null);
}

function state(session) {
  return h('div', { class: 'row' }, badge(session.state === 'ending' ? 'ending…' : session.state, session.state === 'bound' ? 'good' : session.state === 'closed' ? 'warn' : ''), session.mode === 'observe' ? badge('OBSERVE: not enforced', 'warn', 'eye') : null);
}

function access(session) {
  return h('div', { class: 'stack tight' }, h('div', { class: 'row' }, session.stale ? badge('older access', 'warn') : badge('current', 'good'), session.version ? h('span', { class: 'soft' }, `version ${count(session.version)}`) : null), session.snapshot ? h('code', { class: 'faint', title: `snapshot ${session.snapshot}` }, shortDigest(session.snapshot)) : null);
}

function actions(context, session, again) {
  return h('div', { class: 'row' }, session.mode === 'observe' ? observedButton(context, session) : null, session.state === 'ended' || session.state === 'ending' ? null : button('End', () => end(context, session, again), { kind: 'small danger', label: `End session ${session.id}` }));
}

async function end(context, session, again) {
  const ended = await ask({
    title: `End session ${session.id}?`,
    body: h('p', null, 'Its rules are taken away and its connections are cut at once. The program in the sandbox goes on without any network until its orchestrator starts a new session.'),
    yes: 'End the session',
    kind: 'danger main',
    work: () => remove(path`/v1/orgs/${context.org}/sessions/${session.id}`),
  });
  if (ended) {
    tell(`Session ${session.id} is being ended by its node.`);
    again();
  }
}
