/** Sessions: what runs, with which access; ending one; and the emergency denial, which reaches running ones. */
import { get, items, path, remove } from '../api.js';
import { ask } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, card, empty, load, note, pageHead, problemBox, table, tell, waiting } from '../parts.js';
import { count, plural, shortDigest, when } from '../words.js';
import { emergencyCard } from './emergency.js';
import { observedButton } from './observed.js';

/** People look at this page while something happens. */
const REFRESH_MILLISECONDS = 5_000;

export async function sessionsPage(main, context) {
  const place = h('div', { class: 'stack' }, h('section', { class: 'card' }, waiting('the sessions')));
  const emergency = h('div');
  put(main, pageHead('Sessions', 'Each keeps the access it started with. A change of the settings reaches the sessions that start after it.'), place, emergency);
  load(emergency, 'the emergency denials', () => emergencyCard(context));
  let shown = '';

  async function show() {
    try {
      const found = items(await get(path`/v1/orgs/${context.org}/sessions`, { signal: context.signal }));
      const text = JSON.stringify(found);
      // Drawn again only when something differs: nobody loses the focus or a half-read row.
      if (text !== shown) {
        shown = text;
        put(place, sessionsView(context, found, show));
      }
    } catch (failure) {
      if (failure.name === 'AbortError') {
        return;
      }
      shown = '';
      put(place, problemBox(failure, show));
    }
  }

  await show();
  const timer = setInterval(() => (document.hidden || document.querySelector('dialog[open]') ? null : show()), REFRESH_MILLISECONDS);
  context.signal.addEventListener('abort', () => clearInterval(timer));
}

function sessionsView(context, found, again) {
  if (found.length === 0) {
    return h('section', { class: 'card' }, empty('boxes', 'No session runs', 'Sessions appear here when a node starts one for this organisation.'));
  }
  const observing = found.filter((session) => session.mode === 'observe');
  const stale = found.filter((session) => session.stale);
  const columns = [{ title: 'Session', kind: 'head' }, { title: 'State' }, { title: 'Access' }, { title: 'Node' }, { title: 'Started' }, ...(context.mayChange ? [{ title: '', kind: 'actions' }] : [])];
  return [
    observing.length === 0 ? null : observingNote(observing),
    card(
      'Running',
      stale.length === 0 ? 'All have the access of the settings as they are now.' : `${plural(stale.length, 'session')} ${stale.length === 1 ? 'has' : 'have'} older access than the settings as they are now.`,
      h('span', { class: 'soft small' }, plural(found.length, 'session')),
      table('Sessions', columns, found.map((session) => [who(session), state(session), access(session), session.node ?? '–', when(session.started), ...(context.mayChange ? [actions(context, session, again)] : [])])),
    ),
  ];
}

function observingNote(observing) {
  return h(
    'div',
    { class: 'card observing' },
    note('warn', h('strong', null, `${plural(observing.length, 'session')} ${observing.length === 1 ? 'runs' : 'run'} in observe mode: names that would be denied are answered`), h('span', null, 'Use it to find out what a task needs, with nothing in the sandbox that must not leak. Every name is recorded; the report proposes the smallest list.')),
  );
}

function who(session) {
  return h('div', { class: 'stack tight' }, h('strong', { class: 'mono' }, session.id), session.agent ? h('span', { class: 'soft' }, 'agent ', session.agent) : null);
}

function state(session) {
  return h('div', { class: 'row' }, badge(session.state === 'ending' ? 'ending…' : session.state, session.state === 'bound' ? 'good' : ''), session.mode === 'observe' ? badge('OBSERVE: not enforced', 'warn', 'eye') : null);
}

function access(session) {
  return h('div', { class: 'stack tight' }, h('div', { class: 'row' }, session.stale ? badge('older access', 'warn') : badge('current', 'good')), h('span', { class: 'soft' }, session.version ? `version ${count(session.version)} · ` : '', h('code', { title: session.snapshot }, shortDigest(session.snapshot))));
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
