/** Try a name: the verdict that a new session would get, what decided, and the fix. */
import { get, path, query } from '../api.js';
import { h, put } from '../dom.js';
import { badge, button, copyButton, empty, field, glyph, note, pageHead, waiting } from '../parts.js';
import { levelTitle, shortDigest } from '../words.js';
import { allowButton } from './allow.js';

const REASONS = {
  'not-allowed': 'not on the list',
  'internet-off': 'internet access is off',
  'denied-domain': 'a denied domain',
  'public-resolver': 'a public DNS resolver',
  emergency: 'an emergency denial',
};

export async function tryPage(main, context) {
  const name = field('Name', h('input', { type: 'text', id: 'name', class: 'domain-text', spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', placeholder: 'api.example.com', value: context.parameters.get('name') ?? '' }), 'A name as a program would ask for it. A URL is too much; its host is enough.');
  const answer = h('div', { class: 'stack', 'aria-live': 'polite' });

  async function ask() {
    name.clear();
    const asked = name.control.value.trim();
    if (asked === '') {
      name.blame('Write a name, such as api.example.com.');
      return;
    }
    context.remember({ name: asked });
    put(answer, h('div', { class: 'card' }, waiting('the verdict')));
    try {
      const verdict = await get(query(path`/v1/orgs/${context.org}/explain`, { name: asked }), { signal: context.signal });
      put(answer, verdictView(verdict, context, ask));
    } catch (failure) {
      if (failure.name !== 'AbortError') {
        put(answer);
        name.blame(failure.message);
      }
    }
  }

  const submit = (event) => {
    event.preventDefault();
    ask();
  };
  put(
    main,
    pageHead('Try a name', 'What a session that starts now would be answered, and why. Nothing is sent to the internet.'),
    h('section', { class: 'card' }, h('div', { class: 'pad' }, h('form', { class: 'adding', on: { submit } }, name.element, button('Try', null, { kind: 'main', type: 'submit' })))),
    answer,
  );
  if (context.parameters.has('name')) {
    await ask();
  } else {
    put(answer, h('section', { class: 'card' }, empty('search', 'Ask about a name', 'The verdict comes with the entry that decided and what to do about it.')));
  }
}

function verdictView(verdict, context, again) {
  const allowed = verdict.verdict === 'allow';
  return h(
    'section',
    { class: 'card verdict', 'aria-label': 'Verdict' },
    h(
      'div',
      { class: 'verdict-head' },
      h('div', { class: `verdict-mark ${verdict.verdict}` }, glyph(allowed ? 'check' : 'stop')),
      h('div', { class: 'stack tight' }, h('h2', null, verdict.name), h('div', { class: 'row' }, badge(allowed ? 'Allowed' : 'Denied', allowed ? 'good' : 'bad'), REASONS[verdict.reason] ? badge(REASONS[verdict.reason]) : null, verdict['user-content'] ? badge('anyone may publish there', 'warn', 'people') : null), h('p', null, verdict.sentence)),
    ),
    facts(verdict, allowed),
    adviceView(verdict.advice ?? []),
    verdict.reason === 'not-allowed' && context.mayChange ? allowButton(context, verdict.name, again) : null,
  );
}

function facts(verdict, allowed) {
  const rows = [
    ['Decided by', verdict.pattern ? [h('code', null, verdict.pattern), verdict.source ? ` (${verdict.source})` : ''] : 'no entry: what is not allowed is denied'],
    allowed ? ['Ports', (verdict.ports ?? []).length === 0 ? 'every port of public addresses' : verdict.ports.join(', ')] : null,
    ['Level', levelTitle(verdict.level)],
    ['Settings', [`version ${verdict.version}, snapshot `, h('code', { title: verdict.snapshot }, shortDigest(verdict.snapshot))]],
  ];
  return h('dl', { class: 'facts' }, rows.filter(Boolean).map(([term, text]) => [h('dt', null, term), h('dd', null, text)]));
}

function adviceView(advice) {
  if (advice.length === 0) {
    return null;
  }
  return h(
    'div',
    { class: 'stack tight' },
    h('h3', null, 'What to do, and what to know'),
    h('ul', { class: 'advice' }, advice.map((one) => h('li', null, h('span', null, one.text), one.command ? h('div', { class: 'command' }, h('code', null, one.command), copyButton(one.command, `Copy the command: ${one.command}`)) : null))),
  );
}
