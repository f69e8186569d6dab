/** The page for whoever is not signed in: an identity provider where there is one, and a token. */
import { send } from './api.js';
import { h, put } from './dom.js';
import { themeChoice } from './frame.js';
import { button, field, note } from './parts.js';

/** `problem` is the server's 401, which says how one may sign in; `ended` if somebody was signed in just now. */
export function signInPage(place, problem, signedIn, ended) {
  document.title = 'Sign in · Sallyport';
  const provider = problem.body.provider;
  const token = field('Access token', h('input', { type: 'password', id: 'token', autocomplete: 'off', spellcheck: 'false', required: true }), 'It begins with spt_. The first one stands in the file admin.token of the installation.');
  const go = button(provider ? 'Sign in with the token' : 'Sign in', null, { kind: provider ? '' : 'main', type: 'submit' });

  async function submit(event) {
    event.preventDefault();
    token.clear();
    const given = token.control.value.trim();
    if (given === '') {
      token.blame('Paste a token.');
      return;
    }
    go.disabled = true;
    try {
      await send('POST', '/signin', { body: { token: given } });
      token.control.value = '';
      await signedIn();
    } catch (failure) {
      token.blame(failure.status === 401 ? 'This token is not known, has expired or was revoked. Ask an admin for a new one.' : failure.message);
    } finally {
      go.disabled = false;
    }
  }

  put(
    place,
    h(
      'div',
      { class: 'sign-in' },
      h(
        'main',
        { id: 'main' },
        h('div', { class: 'brand' }, h('img', { src: '/console/icon.svg', alt: '', width: 40, height: 40 }), 'Sallyport'),
        h('div', { class: 'stack tight' }, h('h1', { id: 'page-title', tabindex: -1 }, 'Sign in'), h('p', { class: 'soft' }, 'Decide what agents’ sandboxes may reach, and see what they were refused.')),
        ended ? h('div', { role: 'status' }, note('', h('span', null, 'Your session has ended. Sign in again to go on where you were. What you changed and did not save is still there.'))) : null,
        provider ? h('a', { class: 'button main', href: `/signin?return=${encodeURIComponent(`/${location.hash}`)}` }, `Sign in with ${provider}`) : null,
        h('form', { class: 'stack', on: { submit } }, token.element, go),
        themeChoice(),
      ),
    ),
  );
  token.control.focus();
}
