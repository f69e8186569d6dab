/** Small parts that pages are made of: buttons, badges, notes, empty and waiting places, problems. */
import { freshId, h, put, svg } from './dom.js';

/** Line drawings on 24 × 24, each one path. */
const GLYPHS = {
  shield: 'M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6z',
  search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5.200 12.200L21 21',
  stop: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM5.800 5.800l12.400 12.400',
  boxes: 'M4 5h16v6H4zM4 15h16v4H4zM7.500 8h.01M7.500 17h.01',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 4.500V12l3 2',
  agent: 'M6 8h12v11H6zM12 8V4M9.500 13h.01M14.500 13h.01M3 12v4M21 12v4',
  cluster: 'M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.500 8-4.500M12 12v9',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01',
  book: 'M5 4h12a2 2 0 0 1 2 2v14H7a2 2 0 0 1-2-2zM5 17.500A2 2 0 0 1 7 16h12',
  key: 'M15 4a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11.500 12.500L4 20v0h4v-3h3',
  warn: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zm0 8v5M12 8h.01',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  cross: 'M6 6l12 12M18 6L6 18',
  plus: 'M12 5v14M5 12h14',
  people: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.8-3.800 3.600-5.500 7.500-5.500s6.700 1.700 7.500 5.500',
  eye: 'M2.500 12C5 7.500 8.200 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.700 6.500-9.500 6.500S5 16.500 2.500 12zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  theme: 'M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18',
  out: 'M10 4H5v16h5M15 8l4 4-4 4M19 12H9',
  menu: 'M4 7h16M4 12h16M4 17h16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  down: 'M12 4v11M7 11l5 5 5-5M5 20h14',
};

export function glyph(name) {
  return svg(
    'svg',
    { class: 'glyph', viewBox: '0 0 24 24', fill: 'none', stroke: 'currentColor', 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-linejoin': 'round', 'aria-hidden': 'true' },
    svg('path', { d: GLYPHS[name] }),
  );
}

/** A button. `label` is for those who cannot see which row it stands in. */
export function button(text, click, { kind = '', icon, label, type = 'button', ...rest } = {}) {
  return h('button', { type, class: `button ${kind}`, 'aria-label': label, on: click ? { click } : null, ...rest }, icon ? glyph(icon) : null, text);
}

export function badge(text, kind = '', icon) {
  return h('span', { class: `badge ${kind}` }, icon ? glyph(icon) : null, text);
}

/** A box with something to know; `kind` is warn, bad, good or nothing. */
export function note(kind, ...content) {
  const icon = { warn: 'warn', bad: 'stop', good: 'check' }[kind] ?? 'info';
  return h('div', { class: `note ${kind}` }, glyph(icon), h('div', null, ...content));
}

export function card(title, says, actions, ...content) {
  const id = freshId('card');
  return h(
    'section',
    { class: 'card', 'aria-labelledby': id },
    h('header', null, h('div', null, h('h2', { id }, title), says ? h('p', null, says) : null), actions ? h('div', { class: 'row' }, actions) : null),
    ...content,
  );
}

export function pageHead(title, says, ...actions) {
  return h(
    'div',
    { class: 'page-head' },
    h('div', null, h('h1', { tabindex: -1, id: 'page-title' }, title), says ? h('p', null, says) : null),
    actions.length > 0 ? h('div', { class: 'row' }, actions) : null,
  );
}

/** One of a few, side by side; `choose` is told which. */
export function segments(label, choices, chosen, choose) {
  const group = h('div', { class: 'segments', role: 'group', 'aria-label': label });
  group.append(...choices.map(({ value, text }) => h('button', { type: 'button', 'aria-pressed': String(value === chosen), on: { click: (event) => { press(group, event.currentTarget); choose(value); } } }, text)));
  return group;
}

function press(group, pressed) {
  [...group.children].forEach((one) => one.setAttribute('aria-pressed', String(one === pressed)));
}

export function empty(icon, title, says, ...more) {
  return h('div', { class: 'empty' }, glyph(icon), h('h3', null, title), says ? h('p', null, says) : null, ...more);
}

/** Grey bars where something is on its way. */
export function waiting(what) {
  return h('div', { class: 'skeletons', role: 'status' }, h('span', { class: 'unseen' }, `Loading ${what}…`), h('div', { class: 'skeleton' }), h('div', { class: 'skeleton' }), h('div', { class: 'skeleton' }));
}

/** A failure where it happened: what, and what to do. */
export function problemBox(problem, again) {
  return h(
    'div',
    { class: 'note bad', role: 'alert' },
    glyph('stop'),
    h(
      'div',
      null,
      problem.title ? h('strong', null, problem.title) : null,
      h('span', null, problem.message),
      problem.fix ? h('span', null, problem.fix) : null,
      again ? h('div', { class: 'row' }, button('Try again', again, { kind: 'small' })) : null,
    ),
  );
}

/** A sentence under a field. */
export function fault(text) {
  return h('p', { class: 'fault' }, glyph('warn'), h('span', null, text));
}

/** New children in a place where somebody may be: the focus stays on the control of the same name, if it is still there. */
export function redraw(place, ...children) {
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const name = focused?.ariaLabel ?? focused?.textContent;
  put(place, ...children);
  if (focused) {
    [...place.querySelectorAll(focused.localName)].find((one) => (one.ariaLabel ?? one.textContent) === name)?.focus({ preventScroll: true });
  }
}

/** Fills a place with what a promise brings; says that it waits, and what went wrong. */
export async function load(place, what, work) {
  // As high as what was there: what stands below does not jump.
  place.style.setProperty('min-block-size', `${place.offsetHeight}px`);
  put(place, waiting(what));
  place.setAttribute('aria-busy', 'true');
  try {
    put(place, await work());
  } catch (failure) {
    if (failure.name !== 'AbortError') {
      put(place, h('div', { class: 'pad' }, problemBox(failure, () => load(place, what, work))));
    }
  } finally {
    place.style.removeProperty('min-block-size');
    place.removeAttribute('aria-busy');
  }
}

/** A labelled control with a hint and a place for what is wrong with it. */
export function field(label, control, hint) {
  const id = control.id || freshId('field');
  control.id = id;
  const wrong = h('div', { id: `${id}-wrong` });
  const hintLine = hint ? h('p', { class: 'hint', id: `${id}-hint` }, hint) : null;
  control.setAttribute('aria-describedby', [hintLine ? `${id}-hint` : '', `${id}-wrong`].filter(Boolean).join(' '));
  const element = h('div', { class: 'field' }, h('label', { for: id }, label), control, hintLine, wrong);
  return {
    element,
    control,
    blame(text) {
      control.setAttribute('aria-invalid', 'true');
      put(wrong, h('div', { role: 'alert' }, fault(text)));
      control.focus();
    },
    clear() {
      control.removeAttribute('aria-invalid');
      put(wrong);
    },
  };
}

/** A table; on a phone each row folds into a small card, whose cells carry the names of their columns. */
export function table(caption, columns, rows, { folds = true } = {}) {
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      { class: folds ? 'folds' : '' },
      h('caption', { class: 'unseen' }, caption),
      h('thead', null, h('tr', null, columns.map((column) => h('th', { scope: 'col', class: column.kind === 'numeric' ? 'numeric' : null }, column.title === '' ? h('span', { class: 'unseen' }, 'Actions') : column.title)))),
      h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell, i) => h('td', { class: columns[i].kind, 'data-label': columns[i].title }, cell instanceof Node || typeof cell !== 'object' || cell === null ? h('div', null, cell) : h('div', null, ...cell)))))),
    ),
  );
}

/** Says something to everybody, screen readers too, and goes away; with an offer it stays longer. */
export function tell(text, offer) {
  const toast = h('div', { class: 'toast' }, h('span', null, text), offer ? button(offer.text, () => { toast.remove(); offer.click(); }, { kind: 'small' }) : null);
  document.getElementById('told').append(toast);
  setTimeout(() => toast.remove(), offer ? 12_000 : 6_000);
}

export function copyButton(text, label) {
  return button('Copy', async () => {
    try {
      await navigator.clipboard.writeText(text);
      tell('Copied.');
    } catch {
      tell('This browser does not let the page copy; select the text and copy it.');
    }
  }, { kind: 'small quiet', icon: 'copy', label });
}
