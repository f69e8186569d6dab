/** Tokens: who may call the API. The secret is shown once, and never again. */
import { all, path, post, remove } from '../api.js';
import { BLAMED, ask } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, copyButton, empty, field, load, note, pageHead, table, tell } from '../parts.js';
import { ROLES, moment, roleTitle, when } from '../words.js';

const LIVES = [
  { days: 30, text: '30 days' },
  { days: 90, text: '90 days' },
  { days: 365, text: 'one year' },
  { days: 0, text: 'until it is revoked' },
];

const ROLE_SAYS = {
  'platform-admin': 'everything, in every organisation',
  'org-admin': 'everything of one organisation',
  'org-viewer': 'reads of one organisation',
  node: 'pulls policies and reports; for a node',
};

export function tokensPage(main, context) {
  const place = h('div');
  const again = () => load(place, 'the tokens', () => tokensView(context, again));
  put(main, pageHead('Tokens', 'A token calls the API in place of a person. Only its hash is kept.', button('New token', () => create(context, again), { kind: 'main', icon: 'plus' })), place);
  return again();
}

async function tokensView(context, again) {
  const tokens = (await all('/v1/tokens', {}, { signal: context.signal })).sort((one, other) => String(other['created-at'] ?? '').localeCompare(String(one['created-at'] ?? '')));
  if (tokens.length === 0) {
    return h('section', { class: 'card' }, empty('key', 'No token', 'Make one for a program that changes settings, or for a node.'));
  }
  const columns = [{ title: 'Name', kind: 'head' }, { title: 'Role' }, { title: 'Organisation' }, { title: 'Expires' }, { title: 'Last used' }, { title: '', kind: 'actions' }];
  return h('section', { class: 'card', 'aria-label': 'Tokens' }, table('Tokens', columns, tokens.map((token) => row(token, again))));
}

function row(token, again) {
  return [
    h('div', { class: 'stack tight' }, h('strong', null, token.name), h('span', { class: 'faint' }, token['created-by'] ? `made by ${token['created-by']}, ` : '', when(token['created-at']))),
    badge(roleTitle(token.role), token.role === 'platform-admin' ? 'warn' : ''),
    token.org ?? 'all',
    expiry(token),
    token['last-used'] ? when(token['last-used']) : 'never',
    button('Revoke', () => revoke(token, again), { kind: 'small danger', label: `Revoke ${token.name}` }),
  ];
}

function expiry(token) {
  const at = token['expires-at'];
  if (!at) {
    return 'never';
  }
  return Date.parse(at) < Date.now() ? badge('expired', 'bad') : when(at);
}

async function create(context, again) {
  const name = field('Name', h('input', { type: 'text', autocomplete: 'off', maxlength: 100 }), 'What uses it, such as “deploy pipeline”.');
  const roles = Object.keys(ROLES).filter((role) => context.platform || role.startsWith('org-'));
  const role = field('Role', h('select', null, roles.map((one) => h('option', { value: one, selected: one === 'org-admin' }, `${ROLES[one]}: ${ROLE_SAYS[one]}`))));
  const org = field('Organisation', h('select', null, context.orgs.map((one) => h('option', { value: one, selected: one === context.org }, one))));
  const node = field('Node', h('input', { type: 'text', autocomplete: 'off', maxlength: 128 }), 'The name under which it reports, such as its host’s name. The token reports for this node and no other.');
  const life = field('Good for', h('select', null, LIVES.map((one) => h('option', { value: one.days, selected: one.days === 90 }, one.text))));
  const scoped = () => role.control.value.startsWith('org-');
  const ofNode = () => role.control.value === 'node';
  const scope = () => {
    org.element.hidden = !scoped();
    node.element.hidden = !ofNode();
  };
  role.control.addEventListener('change', scope);
  scope();
  const made = await ask({
    title: 'New token',
    body: h('div', { class: 'stack' }, name.element, role.element, org.element, node.element, life.element),
    yes: 'Create',
    work: () => {
      name.clear();
      node.clear();
      if (name.control.value.trim() === '') {
        name.blame('Write a name, so that you know later what the token is for.');
        throw BLAMED;
      }
      if (ofNode() && node.control.value.trim() === '') {
        node.blame('Write the name of the node; its token is for no other.');
        throw BLAMED;
      }
      const days = Number(life.control.value);
      return post('/v1/tokens', { name: name.control.value.trim(), role: role.control.value, ...(scoped() ? { org: org.control.value } : {}), ...(ofNode() ? { node: node.control.value.trim() } : {}), ...(days > 0 ? { 'expires-in-days': days } : {}) });
    },
  });
  if (made?.secret) {
    await showOnce(made);
    again();
  }
}

function showOnce(made) {
  return ask({
    title: 'Copy the token now',
    body: h(
      'div',
      { class: 'stack' },
      note('warn', h('strong', null, 'It is shown this once.'), h('span', null, 'Only its hash is kept. Put it into a file that only its user can read, not into a command line or a chat.')),
      h('div', { class: 'secret' }, h('code', { id: 'secret' }, made.secret), copyButton(made.secret, 'Copy the token')),
      made['expires-at'] ? h('p', { class: 'small soft' }, `Good until ${moment(made['expires-at'])}.`) : null,
    ),
    yes: 'I have it',
    no: null,
  });
}

async function revoke(token, again) {
  const done = await ask({
    title: `Revoke ${token.name}?`,
    body: h('p', null, 'What uses it is refused from now on. This cannot be taken back.'),
    yes: 'Revoke',
    kind: 'danger main',
    work: () => remove(path`/v1/tokens/${token.id}`),
  });
  if (done) {
    tell(`${token.name} is revoked.`);
    again();
  }
}
