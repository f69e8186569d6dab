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
    hint: 'One, or a pasted list: commas, spaces or new lines between. api.example.com is that name only, *.example.com any name below it, .example.com both.',
    none: 'No custom domains',
    noneSays: 'Sandboxes reach what the level contains, and nothing else.',
    added: (number) => `${plural(number, 'domain')} added. New sessions may reach ${number === 1 ? 'it' : 'them'}.`,
  },
  deny: {
    title: 'Denied domains',
    says: 'Denied at every level, All domains too. Deny beats allow.',
    label: 'Deny domains',
    hint: 'In the same forms. Public DNS-over-HTTPS resolvers are denied always and need no entry.',
    none: 'No denied domains',
    noneSays: 'Nothing is taken out of what is allowed.',
    added: (number) => `${plural(number, 'domain')} denied for new sessions.`,
  },
};

/** More are found by the filter; a page of 10,000 rows helps nobody. */
const MOST_SHOWN = 200;
const FILTER_FROM = 8;

export function domainsCard(access, list) {
  const texts = TEXTS[list];
  const domains = access.settings[list] ?? [];
  const warnings = list === 'allow' ? (access.settings.warnings ?? []) : [];
  return card(
    texts.title,
    texts.says,
    h('span', { class: 'soft small' }, plural(domains.length, 'domain')),
    access.context.mayChange ? h('div', { class: 'pad' }, adding(access, list)) : null,
    warnings.length > 0 ? h('div', { class: 'pad stack tight' }, warnings.map((warning) => note('warn', h('span', null, warning)))) : null,
    domains.length === 0 ? empty(list === 'allow' ? 'list' : 'stop', texts.none, texts.noneSays) : listed(access, list, domains),
  );
}

function adding(access, list) {
  const texts = TEXTS[list];
  const typed = field(texts.label, h('textarea', { id: `${list}-text`, class: 'domain-text', rows: 1, spellcheck: 'false', autocapitalize: 'off', autocomplete: 'off', placeholder: 'api.example.com' }), texts.hint);
  const results = h('div', { class: 'stack tight' });
  const said = h('p', { class: 'unseen', 'aria-live': 'polite' });
  const add = button('Add', null, { kind: 'main', type: 'submit', icon: 'plus' });
  let checked = [];
  let asked = 0;

  async function check() {
    const mine = ++asked;
    const text = typed.control.value;
    if (text.trim() === '') {
      checked = [];
    } else {
      try {
        checked = items(await post(`${access.where}/check`, { domains: text, list }, { signal: access.context.signal }));
      } catch (failure) {
        checked = failure.name === 'AbortError' ? [] : [{ input: text, pattern: null, error: failure.message, warnings: [] }];
      }
    }
    if (mine === asked) {
      const wrong = checked.filter((entry) => entry.error).length;
      typed.clear();
      put(results, checked.map(checkedRow));
      typed.control.toggleAttribute('aria-invalid', false);
      if (wrong > 0) {
        typed.control.setAttribute('aria-invalid', 'true');
      }
      put(add, glyph('plus'), checked.length - wrong > 1 ? `Add ${count(checked.length - wrong)}` : 'Add');
      put(said, checked.length === 0 ? '' : `${count(checked.length - wrong)} can be added, ${count(wrong)} to mend.`);
    }
  }

  async function submit(event) {
    event.preventDefault();
    await check();
    const wrong = checked.find((entry) => entry.error);
    if (checked.length === 0) {
      typed.blame('Write a domain first, such as api.example.com.');
      return;
    }
    if (wrong) {
      typed.blame('Mend or take away what cannot be a domain, then add the rest.');
      return;
    }
    await addDomains(typed, add);
  }

  async function addDomains() {
    add.disabled = true;
    const text = typed.control.value;
    try {
      const done = await confirming((confirm) => change(access, 'POST', `${access.where}/domains`, { domains: text, list, ...(confirm.length > 0 ? { confirm } : {}) }));
      if (done) {
        access.drawLists();
        document.getElementById(`${list}-text`)?.focus();
        tell(texts.added(checked.filter((entry) => !entry.already).length || checked.length));
      }
    } catch (failure) {
      typed.blame(failure.message);
    } finally {
      add.disabled = false;
    }
  }

  typed.control.addEventListener('input', debounced(250, check));
  typed.control.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && !event.shiftKey && !typed.control.value.includes('\n')) {
      submit(event);
    }
  });
  return h('form', { class: 'adding', on: { submit } }, typed.element, add, said, results);
}

function checkedRow(entry) {
  if (entry.error) {
    return h('div', { class: 'checked wrong' }, fault(entry.error));
  }
  return h(
    'div',
    { class: 'checked' },
    h('p', { class: 'row' }, glyph(entry.already ? 'info' : 'check'), h('code', null, entry.pattern), h('span', { class: 'soft' }, entry.already ? 'is in the list already' : meaning(entry.pattern))),
    [...(entry.warnings ?? []), ...(entry.risks ?? []).map((risk) => risk.text)].map((warning) => h('p', { class: 'checked-warning' }, glyph('warn'), h('span', null, warning))),
  );
}

async function change(access, method, where, body) {
  await access.take(await send(method, where, { body }));
  return true;
}

function listed(access, list, domains) {
  const place = h('div');
  const show = (part) => {
    const found = domains.filter((domain) => domain.includes(part));
    put(
      place,
      found.length === 0 ? empty('search', 'None of these', `No domain in this list contains “${part}”.`) : h('ul', { class: 'domain-list' }, found.slice(0, MOST_SHOWN).map((domain) => row(access, list, domain))),
      found.length > MOST_SHOWN ? h('p', { class: 'pad small soft' }, `and ${count(found.length - MOST_SHOWN)} more: filter to find them.`) : null,
    );
  };
  const filter = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': `Filter ${TEXTS[list].title.toLowerCase()}`, on: { input: () => show(filter.value.trim().toLowerCase()) } });
  show('');
  return h('div', null, domains.length >= FILTER_FROM ? h('div', { class: 'pad list-filter' }, filter) : null, place);
}

function row(access, list, domain) {
  return h(
    'li',
    null,
    h('span', { class: 'domain' }, h('code', null, domain), h('span', { class: 'soft' }, meaning(domain))),
    access.context.mayChange ? button('Remove', (event) => take(access, list, domain, event.currentTarget), { kind: 'small quiet', label: `Remove ${domain}` }) : null,
  );
}

async function take(access, list, domain, pressed) {
  pressed.disabled = true;
  const where = (confirm) => query(`${access.where}/domains${path`/${domain}`}`, { list, ...(confirm.length > 0 ? { confirm: confirm.join(',') } : {}) });
  try {
    if (await confirming((confirm) => change(access, 'DELETE', where(confirm)))) {
      access.drawLists();
      document.getElementById(`${list}-text`)?.focus({ preventScroll: true });
      tell(`${domain} removed.`, { text: 'Undo', click: () => undo(access, list, domain) });
    }
  } catch (failure) {
    pressed.closest('li').append(h('div', { role: 'alert', class: 'row-fault' }, fault(failure.message)));
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
