/** Ports, record types and internal domains: rarely changed, so folded away with their values in view. */
import { freshId, h, put } from '../dom.js';
import { button, field, glyph } from '../parts.js';
import { plural } from '../words.js';

const COMMON_TYPES = {
  A: 'IPv4 addresses',
  AAAA: 'IPv6 addresses',
  CNAME: 'aliases',
  PTR: 'names of addresses that were answered',
  TXT: 'free text; can carry data both ways',
  MX: 'mail servers',
  SRV: 'places of services',
  HTTPS: 'connection hints; can name addresses past the pins',
  SVCB: 'connection hints; can name addresses past the pins',
  CAA: 'certificate authorities',
};

const ORDER = Object.keys(COMMON_TYPES);
const rank = (type) => (ORDER.includes(type) ? ORDER.indexOf(type) : ORDER.length);
const byCommonness = (one, other) => rank(one) - rank(other);

export function advancedCard(access) {
  const { ports = [], types = [], internal = {} } = access.document();
  return h(
    'details',
    { class: 'card advanced' },
    h('summary', null, h('h2', null, 'Ports, record types, internal domains'), h('span', { class: 'small soft' }, `${ports.join(', ') || 'no ports'} · ${[...types].sort(byCommonness).join(', ') || 'no types'} · ${Object.keys(internal).length === 0 ? 'no internal domains' : plural(Object.keys(internal).length, 'internal domain')}`)),
    h('div', { class: 'pad stack loose' }, portsPart(access), typesPart(access), internalPart(access)),
  );
}

function part(title, says, ...content) {
  return h('div', { class: 'stack tight part' }, h('h3', null, title), h('p', { class: 'small soft' }, says), content);
}

function portsPart(access) {
  const place = h('ul', { class: 'chips' });
  const typed = field('Add a port', h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', placeholder: 'tcp/8443' }));
  const show = () => put(place, access.value('ports').map((port) => removable(access, port, () => {
    change(access.value('ports').filter((one) => one !== port));
    (place.querySelector('button') ?? typed.control).focus();
  })));
  const change = (ports) => {
    access.set('ports', ports);
    show();
  };
  const add = (event) => {
    event.preventDefault();
    typed.clear();
    const port = readPort(typed.control.value);
    if (port === null) {
      typed.blame('Write tcp/443 or udp/443, with a number of 1 to 65535.');
      return;
    }
    typed.control.value = '';
    change([...new Set([...access.value('ports'), port])]);
  };
  show();
  return part('Ports', 'Open to the addresses of allowed names, at every level but All domains. A domain may carry its own: db.example.com:5432.', place, access.context.mayChange ? h('form', { class: 'adding short', on: { submit: add } }, typed.element, button('Add', null, { type: 'submit' })) : null);
}

function readPort(text) {
  const form = /^(?:(tcp|udp)\/)?(\d{1,5})(?:\/(tcp|udp))?$/.exec(text.trim().toLowerCase());
  if (!form || (form[1] && form[3]) || Number(form[2]) < 1 || Number(form[2]) > 65_535) {
    return null;
  }
  return `${form[1] ?? form[3] ?? 'tcp'}/${Number(form[2])}`;
}

function removable(access, text, remove) {
  return h('li', { class: 'chip' }, text, access.context.mayChange ? h('button', { type: 'button', 'aria-label': `Remove ${text}`, on: { click: remove } }, glyph('cross')) : null);
}

function typesPart(access) {
  const others = access.value('types').filter((type) => !(type in COMMON_TYPES));
  const known = [...Object.keys(COMMON_TYPES), ...others];
  const toggle = (type, on) => access.set('types', known.filter((one) => (one === type ? on : access.value('types').includes(one))).sort(byOrder(access.settings.types)));
  return part(
    'Record types',
    'What may be asked about an allowed name. Other questions get an empty answer.',
    h(
      'fieldset',
      { class: 'types' },
      h('legend', { class: 'unseen' }, 'Record types'),
      known.map((type) => typeChoice(access, type, toggle)),
    ),
  );
}

function typeChoice(access, type, toggle) {
  const says = freshId('type');
  const input = h('input', { type: 'checkbox', class: 'tick', checked: access.value('types').includes(type), disabled: !access.context.mayChange, 'aria-label': type, 'aria-describedby': says, on: { change: (event) => toggle(type, event.currentTarget.checked) } });
  return h('label', { class: 'type' }, input, h('span', null, h('code', null, type), h('span', { class: 'soft', id: says }, COMMON_TYPES[type] ?? '')));
}

/** As the server lists them, so that the same choice is the same value. */
function byOrder(listed) {
  const place = (type) => (listed.includes(type) ? listed.indexOf(type) : listed.length);
  return (one, other) => place(one) - place(other);
}

function internalPart(access) {
  const place = h('ul', { class: 'domain-list inset' });
  const pattern = field('Domain', h('input', { type: 'text', class: 'domain-text', spellcheck: 'false', autocomplete: 'off', placeholder: '.corp.example' }));
  const blocks = field('Private blocks', h('input', { type: 'text', class: 'domain-text', spellcheck: 'false', autocomplete: 'off', placeholder: '10.1.0.0/16, fd12::/32' }));
  const show = () => put(place, Object.entries(access.value('internal')).map(([name, cidrs]) => row(access, name, cidrs, () => {
    change(without(access.value('internal'), name));
    (place.querySelector('button') ?? pattern.control).focus();
  })));
  const change = (internal) => {
    access.set('internal', internal);
    show();
  };
  const add = (event) => {
    event.preventDefault();
    pattern.clear();
    blocks.clear();
    const cidrs = blocks.control.value.split(/[\s,]+/).filter(Boolean);
    if (pattern.control.value.trim() === '') {
      pattern.blame('Write the domain, such as .corp.example.');
    } else if (cidrs.length === 0) {
      blocks.blame('Write the private blocks it may resolve to, such as 10.1.0.0/16.');
    } else if (!cidrs.every(isBlock)) {
      blocks.blame(`${cidrs.find((one) => !isBlock(one))} is not a block. Write an address and a length, such as 10.1.0.0/16 or fd12::/32.`);
    } else {
      change({ ...access.value('internal'), [pattern.control.value.trim()]: cidrs });
      pattern.control.value = '';
      blocks.control.value = '';
      pattern.control.focus();
    }
  };
  show();
  return part(
    'Internal domains',
    'Answers with private addresses are dropped, except for these names and these blocks. They have to be allowed as well. Metadata and loopback addresses stay closed.',
    place,
    access.context.mayChange ? h('form', { class: 'adding pair', on: { submit: add } }, pattern.element, blocks.element, button('Add', null, { type: 'submit' })) : null,
  );
}

/** By its form; whether it is private the server knows. */
const isBlock = (text) => /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2}|[0-9a-f:]*:[0-9a-f:]*\/\d{1,3})$/i.test(text);

function row(access, name, cidrs, remove) {
  return h('li', null, h('span', { class: 'domain' }, h('code', null, name), h('code', { class: 'soft' }, cidrs.join(', '))), access.context.mayChange ? button('Remove', remove, { kind: 'small quiet', label: `Remove ${name}` }) : null);
}

function without(map, name) {
  return Object.fromEntries(Object.entries(map).filter(([one]) => one !== name));
}
