/** Brand, organisation, navigation, who is here, light or dark. */
import { post } from './api.js';
import { h, put } from './dom.js';
import { newOrg } from './pages/welcome.js';
import { button, glyph, tell } from './parts.js';
import { roleTitle } from './words.js';

/** Draws the frame around an empty page, and gives the page's place. */
export function frame(place, context, pages) {
  const body = h('div', { class: 'side-body', id: 'side-body' }, orgSwitch(context), navigation(context, pages), foot(context));
  const menu = button('', null, { kind: 'quiet icon menu-button', icon: 'menu', label: 'Menu', 'aria-expanded': 'false', 'aria-controls': 'side-body' });
  menu.addEventListener('click', () => menu.setAttribute('aria-expanded', String(body.classList.toggle('open'))));
  const page = h('div', { class: 'page' });
  put(
    place,
    h(
      'div',
      { class: 'frame' },
      h('header', { class: 'side' }, h('div', { class: 'side-head' }, brand(context), menu), body),
      h('main', { id: 'main' }, page),
    ),
  );
  return page;
}

function brand(context) {
  return h('a', { class: 'brand', href: context.hash(context.org ? 'network-access' : 'welcome') }, h('img', { src: '/console/icon.svg', alt: '', width: 28, height: 28 }), 'Sallyport');
}

function orgSwitch(context) {
  if (!context.platform) {
    return h('div', { class: 'org-switch' }, h('span', { class: 'label' }, 'Organisation'), h('span', { class: 'org-name' }, context.org || 'none'));
  }
  const select = h(
    'select',
    { id: 'org', on: { change: () => { location.hash = context.hash(context.page.needsOrg ? context.page.id : 'network-access', {}, select.value); } } },
    context.orgs.length === 0 ? h('option', { value: '' }, 'none yet') : null,
    context.orgs.map((org) => h('option', { value: org, selected: org === context.org }, org)),
  );
  return h(
    'div',
    { class: 'org-switch' },
    h('label', { class: 'label', for: 'org' }, 'Organisation'),
    h('div', { class: 'row' }, select, button('', () => newOrg(context), { kind: 'icon', icon: 'plus', label: 'New organisation' })),
  );
}

function navigation(context, pages) {
  const shown = pages.filter((page) => page.group && (context.org || !page.needsOrg) && (!page.roles || page.roles.includes(context.me.role)));
  const groups = [...new Set(shown.map((page) => page.group))];
  return h(
    'nav',
    { class: 'nav', 'aria-label': 'Pages' },
    groups.map((group) => h('div', null, h('h2', null, group), h('ul', null, shown.filter((page) => page.group === group).map((page) => h('li', null, link(context, page)))))),
  );
}

function link(context, page) {
  return h('a', { href: context.hash(page.id), 'aria-current': page.id === context.page.id ? 'page' : null }, glyph(page.icon), page.title);
}

function foot(context) {
  return h(
    'div',
    { class: 'side-foot' },
    themeChoice(),
    h(
      'div',
      { class: 'who' },
      h('span', null, h('b', { title: context.me.name }, context.me.name), h('span', { class: 'faint' }, roleTitle(context.me.role))),
      button('', () => signOut(context), { kind: 'quiet icon', icon: 'out', label: 'Sign out' }),
    ),
  );
}

async function signOut(context) {
  try {
    await post('/signout');
    context.signedOut();
  } catch (failure) {
    tell(failure.message);
  }
}

const THEMES = { '': 'As the system', light: 'Light', dark: 'Dark' };

export function themeChoice() {
  const root = document.documentElement;
  const select = h(
    'select',
    { id: 'theme', 'aria-label': 'Colours', on: { change: () => choose(root, select.value) } },
    Object.entries(THEMES).map(([value, text]) => h('option', { value, selected: value === (root.dataset.theme ?? '') }, text)),
  );
  return select;
}

function choose(root, theme) {
  if (theme) {
    root.dataset.theme = theme;
  } else {
    delete root.dataset.theme;
  }
  try {
    localStorage.setItem('sallyport-theme', theme);
  } catch {
    // Then it lasts as long as this page.
  }
}
