/**
 * The console's life: ask who is here, draw the frame, then follow the address. An address is
 * `#/ORG/PAGE?parameters`, so that every page can be linked, reloaded and gone back to. What a page
 * still waits for is dropped when another one comes.
 */
import { Problem, all, get, items, useCsrf } from './api.js';
import { h, put } from './dom.js';
import { forgetDrafts } from './drafts.js';
import { frame } from './frame.js';
import { problemBox, waiting } from './parts.js';
import { PAGES } from './pages.js';
import { signInPage } from './sign-in.js';

/** In the place of an org's name, which begins with a letter or a digit. */
const NO_ORG = '-';

const place = document.getElementById('frame');
let me = null;
let orgs = [];
let leaving = new AbortController();

/** `moved`: somebody came from another page, so the focus goes to the title. */
async function start(moved = false) {
  document.title = 'Sallyport';
  put(place, h('main', { id: 'main' }, waiting('the console')));
  try {
    me = await get('/v1/me');
    useCsrf(me.csrf ?? null);
    orgs = me.org ? [me.org] : (await all('/v1/orgs')).map((one) => one.org ?? one);
    route(moved);
  } catch (failure) {
    failed(failure);
  }
}

function failed(failure) {
  const ended = me !== null;
  leaving.abort();
  me = null;
  // What was asked stands on a page that is gone.
  document.querySelectorAll('dialog').forEach((dialog) => dialog.close());
  put(document.getElementById('told'));
  if (failure instanceof Problem && failure.status === 401) {
    signInPage(place, failure, () => start(true), ended);
  } else {
    put(place, h('main', { id: 'main' }, h('div', { class: 'page' }, problemBox(failure, () => start()))));
  }
}

/** What the address says: org, page, parameters. */
function address() {
  const [where, parameters] = location.hash.replace(/^#\/?/, '').split('?');
  const [org, page] = where.split('/').map(decoded);
  return { org: org ?? '', page: page ?? '', parameters: new URLSearchParams(parameters ?? '') };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}

function hash(org, page, parameters = {}) {
  const given = new URLSearchParams(Object.entries(parameters).filter(([, value]) => value));
  return `#/${encodeURIComponent(org || NO_ORG)}/${page}${given.size > 0 ? `?${given}` : ''}`;
}

/** Draws the page that the address names, and puts the focus on its title. */
async function route(moved = true) {
  if (me === null) {
    return;
  }
  leaving.abort();
  leaving = new AbortController();
  const asked = address();
  const org = orgFor(asked.org);
  const open = PAGES.filter((one) => (org || !one.needsOrg) && (!one.roles || one.roles.includes(me.role)));
  const page = open.find((one) => one.id === asked.page) ?? open[0];
  if (asked.org !== (org || NO_ORG) || asked.page !== page.id) {
    history.replaceState(null, '', hash(org, page.id));
  }
  const context = contextFor(org, page, asked.parameters);
  const main = frame(place, context, PAGES);
  document.title = `${page.title} · ${org ? `${org} · ` : ''}Sallyport`;
  await page.render(main, context);
  if (moved) {
    window.scrollTo(0, 0);
    document.getElementById('page-title')?.focus({ preventScroll: true });
  }
}

function orgFor(asked) {
  if (orgs.includes(asked)) {
    return asked;
  }
  return orgs[0] ?? '';
}

/** All that a page may know. */
function contextFor(org, page, parameters) {
  return {
    me,
    org,
    orgs,
    page,
    parameters,
    signal: leaving.signal,
    platform: me.role === 'platform-admin',
    mayChange: me.role === 'platform-admin' || me.role === 'org-admin',
    hash: (id, given, other = org) => hash(other, id, given),
    /** Another address without a new page, for what was typed here. */
    remember: (given) => history.replaceState(null, '', hash(org, page.id, given)),
    async orgsChanged(next) {
      orgs = items(await all('/v1/orgs')).map((one) => one.org ?? one);
      location.hash = hash(next, 'network-access');
    },
    signedOut: () => {
      forgetDrafts();
      me = null;
      location.hash = '';
      start();
    },
  };
}

window.addEventListener('hashchange', () => route());
window.addEventListener('unauthorized', (event) => (me === null ? null : failed(event.detail)));
document.getElementById('skip').addEventListener('click', () => {
  const main = document.getElementById('main');
  main?.setAttribute('tabindex', '-1');
  main?.focus();
});
start();
