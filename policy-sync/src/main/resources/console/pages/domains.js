/** A list of domains: typed or pasted, checked while typing, added and removed at once. */
import { items, path, post, query, send } from '../api.js';
import { confirming } from '../dialog.js';
import { debounced, h, put } from '../dom.js';
import { button, card, empty, fault, field, glyph, note, tell } from '../parts.js';
import { count, meaning, plural } from '../words.js';

const TEXTS = {
  allow: {
    title: 'Custom domains',
    says: 'Allowed at every level, beside what the level contains.',
    label: 'Add domains',
    add: 'Add',
    hint: ['One, or a pasted list: commas, spaces or new lines between. ', h('code', null, 'api.example.com'), ' is that name only, ', h('code', null, '*.example.com'), ' any name below it, ', h('code', null, '.example.com'), ' both.'],
    none: 'No custom domains',
    noneSays: 'Sandboxes reach what the level contains, and nothing else.',
    added: (number) => `${plural(number, 'domain')} added. New sessions may reach ${number === 1 ? 'it' : 'them'}.`,
  },
  deny: {
    title: 'Denied domains',
    says: 'Denied at every level, All domains too. Deny beats allow.',
    label: 'Deny domains',
    add: 'Deny',
    hint: ['In the same forms. Public DNS-over-HTTPS resolvers are denied always and need no entry.'],
    none: 'No denied domains',
    noneSays: 'Nothing is taken out of what is allowed.',
    added: (number) => `${plural(number, 'domain')} denied for new sessions.`,
  },
};

/** So many rows at first, and so many more with each press: what stands below stays in reach. */
const SHOWN = 50;
const FILTER_FROM = 8;
const CHECK_AFTER_MILLISECONDS = 250;

/** A card, and `show`, which draws what the settings now have and leaves what is being typed. */
export function domainsCard(access, list) {
  const texts = TEXTS[list];
  const number = h('span', { class: 'soft small' });
  const warned = h('div', { class: 'stack tight' });
  const rows = listed(access, list);
  const element = card(texts.title, texts.says, number, h('div', { class: 'pad stack' }, access.context.mayChange ? adding(access, list) : null, warned), rows.element);
  return {
    element,
    show() {
      const warnings = list === 'allow' ? (access.settings.warnings ?? []) : [];
      put(number, plural((access.settings[list] ?? []).length, 'domain'));
      put(warned, warnings.map((warning) => note('warn', h('span', null, warning))));
      rows.show();
    },
  };
}

/** Checks what is typed into a control, and shows what each entry is. `entries` are what came last. */
export function checking(where, list, control, signal, told = () => {}) {
  const results = h('div', { class: 'stack tight' });
  const said = h('p', { class: 'unseen', 'aria-live': 'polite' });
  let asked = 0;
  const checker = { element: h('div', null, said, results), entries: [], check };

  async function look(text) {
    if (text.trim() === '') {
      return [];
    }
    try {
      return items(await post(`${where}/check`, { domains: text, list }, { signal }));
    } catch (failure) {
      return failure.name === 'AbortError' ? [] : [{ input: text, pattern: null, error: failure.message, warnings: [] }];
    }
  }

  async function check() {
    const mine = ++asked;
    const entries = await look(control.value);
    if (mine !== asked) {
      return;
    }
    const wrong = entries.filter((entry) => entry.error).length;
    checker.entries = entries;
    const fresh = entries.length - wrong - entries.filter((entry) => entry.already).length;
    told(fresh);
    put(results, entries.map((entry) => checkedRow(entry, list)));
    control.toggleAttribute('aria-invalid', false);
    if (wrong > 0) {
      control.setAttribute('aria-invalid', 'true');
    }
    put(said, entries.length === 0 ? '' : `${count(fresh)} can be added, ${count(wrong)} to mend.`);
  }

  control.addEventListener('input', debounced(CHECK_AFTER_MILLISECONDS, check));
  return checker;
}

function checkedRow(entry, list) {
  if (entry.error) {
    return h('div', { class: 'checked wrong' }, fault(entry.error));
  }
  return h(
    'div',
    { class: 'checked' },
    h('p', { class: 'row' }, glyph(entry.already ? 'info' : 'check'), h('code', null, entry.pattern), entry.input === entry.pattern ? null : h('span', { class: 'faint' }, `from ${entry.input}`), h('span', { class: 'soft' }, entry.already ? `is among the ${TEXTS[list].title.toLowerCase()} already` : meaning(entry.pattern))),
    [...(entry.warnings ?? []), ...(entry.risks ?? []).map((risk) => risk.text)].map((warning) => h('p', { class: 'checked-warning' }, glyph('warn'), h('span', null, warning))),
  );
}

function adding(access, list) {
  const texts = TEXTS[list];
  const typed = field(texts.label, h('textarea', { id: `${list}-text`, class: 'domain-text', rows: 1, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', placeholder: 'api.example.com' }), texts.hint);
  const add = button(texts.add, null, { kind: 'main', type: 'submit', icon: list === 'allow' ? 'plus' : 'stop' });
  const checked = checking(access.where, list, typed.control, access.context.signal, (good) => {
    typed.clear();
    put(add, glyph(list === 'allow' ? 'plus' : 'stop'), good > 1 ? `${texts.add} ${count(good)}` : texts.add);
  });

  async function submit(event) {
    event.preventDefault();
    if (add.disabled) {
      return;
    }
    add.disabled = true;
    try {
      await checked.check();
      await addDomains();
    } catch (failure) {
      typed.blame(failure.message);
    } finally {
      add.disabled = false;
    }
  }

  async function addDomains() {
    if (checked.entries.length === 0) {
      throw new Error('Write a domain first, such as api.example.com.');
    }
    if (checked.entries.some((entry) => entry.error)) {
      throw new Error('Mend or take away what cannot be a domain, then add the rest.');
    }
    const fresh = checked.entries.filter((entry) => !entry.already).length;
    if (fresh === 0) {
      throw new Error(checked.entries.length === 1 ? 'It is in the list already.' : 'All of them are in the list already.');
    }
    const text = typed.control.value;
    if (await confirming((confirm) => change(access, 'POST', `${access.where}/domains`, { domains: text, list, ...(confirm.length > 0 ? { confirm } : {}) }))) {
      typed.control.value = '';
      await checked.check();
      access.drawLists();
      typed.control.focus();
      tell(texts.added(fresh));
    }
  }

  typed.control.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !typed.control.value.includes('\n')) {
      submit(event);
    }
  });
  return h('form', { class: 'adding', on: { submit } }, typed.element, add, checked.element);
}

async function change(access, method, where, body) {
  await access.take(await send(method, where, { body }));
  return true;
}

function listed(access, list) {
  const filter = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${TEXTS[list].title.toLowerCase()}`, on: { input: () => { most = SHOWN; show(); } } });
  const filtering = h('div', { class: 'list-filter' }, filter);
  const place = h('div');
  let most = SHOWN;

  function show() {
    const domains = access.settings[list] ?? [];
    const part = filter.value.trim().toLowerCase();
    const found = domains.filter((domain) => domain.includes(part));
    filtering.hidden = domains.length < FILTER_FROM && part === '';
    put(place, found.length === 0 ? nothing(list, domains, part) : h('ul', { class: 'domain-list' }, found.slice(0, most).map((domain) => row(access, list, domain))), found.length > most ? more(found.length) : null);
  }

  function more(number) {
    return h('div', { class: 'row apart more' }, h('span', { class: 'small soft' }, `${count(most)} of ${count(number)}`), button(`Show ${count(Math.min(SHOWN, number - most))} more`, () => { const first = most; most += SHOWN; show(); place.querySelectorAll('.domain-list button')[first]?.focus({ preventScroll: true }); }, { kind: 'small' }));
  }

  return { element: h('div', null, filtering, place), show };
}

function nothing(list, domains, part) {
  return domains.length === 0 ? empty(list === 'allow' ? 'list' : 'stop', TEXTS[list].none, TEXTS[list].noneSays) : empty('search', 'None of these', `No domain in this list contains “${part}”.`);
}

function row(access, list, domain) {
  return h(
    'li',
    null,
    h('span', { class: 'domain' }, h('code', null, domain), h('span', { class: 'soft' }, meaning(domain))),
    access.context.mayChange ? button('Remove', (event) => take(access, list, domain, event.currentTarget), { kind: 'small quiet', label: `Remove ${domain}` }) : null,
  );
}

/** What was removed can be put back; and where its removal opens something, that is asked about first. */
async function take(access, list, domain, pressed) {
  const shown = pressed.closest('li');
  const at = [...shown.parentNode.children].indexOf(shown);
  const around = shown.closest('.card');
  shown.querySelector('.row-fault')?.remove();
  pressed.disabled = true;
  try {
    if (await confirming((confirm) => change(access, 'DELETE', query(`${access.where}/domains${path`/${domain}`}`, { list, confirm: confirm.join(',') })))) {
      access.drawLists();
      const left = around.querySelectorAll('.domain-list button');
      (left[Math.min(at, left.length - 1)] ?? around.querySelector('textarea'))?.focus({ preventScroll: true });
      tell(`${domain} removed.`, { text: 'Undo', click: () => undo(access, list, domain) });
    }
  } catch (failure) {
    shown.append(h('div', { role: 'alert', class: 'row-fault' }, fault(failure.message)));
  } finally {
    pressed.disabled = false;
  }
}

async function undo(access, list, domain) {
  try {
    if (await confirming((confirm) => change(access, 'POST', `${access.where}/domains`, { domains: [domain], list, ...(confirm.length > 0 ? { confirm } : {}) }))) {
      access.drawLists();
      tell(`${domain} is back.`);
    }
  } catch (failure) {
    tell(failure.message);
  }
}
