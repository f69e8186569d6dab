/** Sign-ins: who is signed in to the console, by account or token, and signing somebody's browsers out. */
import { PAGE, get, items, path, query, remove } from '../api.js';
import { ask, whyField } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, empty, load, pageHead, table, tell } from '../parts.js';
import { plural, roleTitle, when } from '../words.js';

export function signInsPage(main, context) {
  const place = h('div');
  const again = () => load(place, 'who is signed in', () => signInsView(context, again));
  put(main, pageHead('Sign-ins', 'Who is signed in to this console now. Whoever has left is signed out here; an account also has to be closed at your identity provider, and a token revoked.'), place);
  return again();
}

async function signInsView(context, again) {
  const people = items(await get(query('/v1/sign-ins', { limit: PAGE }), { signal: context.signal }));
  if (people.length === 0) {
    return h('section', { class: 'card' }, empty('people', 'Nobody', 'Nobody is signed in with a browser.'));
  }
  const columns = [{ title: 'Who', kind: 'head' }, { title: 'Role' }, { title: 'Organisation' }, { title: 'Browsers', kind: 'numeric' }, { title: 'Last used' }, { title: '', kind: 'actions' }];
  return h('section', { class: 'card', 'aria-label': 'Signed in' }, table('Signed in', columns, people.map((one) => row(one, context, again))));
}

function row(one, context, again) {
  return [
    h('div', { class: 'stack tight' }, h('div', { class: 'row' }, h('strong', null, one.name), isMe(one, context) ? badge('you', 'accent') : null), h('span', { class: 'faint' }, 'since ', when(one.since))),
    badge(roleTitle(one.role), one.role === 'platform-admin' ? 'warn' : ''),
    one.org ?? 'all',
    one.browsers,
    when(one['last-used']),
    button('Sign out', () => end(one, context, again), { kind: 'small danger', label: `Sign out ${one.name}` }),
  ];
}

const isMe = (one, context) => one.name === context.me.name && one.role === context.me.role;

async function end(one, context, again) {
  const why = whyField();
  const done = await ask({
    title: `Sign out ${one.name}?`,
    body: h('div', { class: 'stack' }, h('p', null, `${plural(one.browsers, 'browser')} ${one.browsers === 1 ? 'is' : 'are'} signed out at once${isMe(one, context) ? ', this one too' : ''}. Whoever still has an account or a token that is good can sign in again.`), why.element),
    yes: 'Sign out',
    kind: 'danger main',
    work: () => remove(query(path`/v1/sign-ins/${one.person}`, { why: why.value() })),
  });
  if (done) {
    tell(`${one.name} is signed out.`);
    await again();
  }
}
