/** Presets: every entry of every list that ships, to be searched and read. */
import { get } from '../api.js';
import { h, put } from '../dom.js';
import { badge, card, empty, field, load, pageHead } from '../parts.js';
import { domainCount, entriesOf, groupView, readPresets } from '../presets.js';
import { count, plural } from '../words.js';

export function presetsPage(main, context) {
  const place = h('div');
  put(main, pageHead('Presets', 'The lists that levels are made of. Each entry is a domain with everything below it. They come with the program and change with its releases.'), place);
  return load(place, 'the presets', async () => presetsView(readPresets(await get('/v1/presets', { signal: context.signal })), context));
}

function presetsView(presets, context) {
  const results = h('div', { class: 'stack' });
  const said = h('p', { class: 'small soft', role: 'status' });
  const search = field('Search', h('input', { type: 'search', id: 'search', placeholder: 'pypi, python, github…', value: context.parameters.get('search') ?? '', on: { input: () => show() } }));
  const which = field('Preset', h('select', { id: 'preset', on: { change: () => show() } }, h('option', { value: '' }, 'All presets'), presets.map((preset) => h('option', { value: preset.name }, preset.name))));
  const flagged = h('input', { type: 'checkbox', class: 'tick', on: { change: () => show() } });

  function show() {
    const word = search.control.value.trim().toLowerCase();
    context.remember({ search: word });
    const found = presets.filter((preset) => !which.control.value || preset.name === which.control.value).map((preset) => narrowed(preset, word, flagged.checked)).filter((preset) => preset.groups.length > 0);
    put(said, `${plural(domainCount(found), 'domain')} in ${plural(found.length, 'preset')}.`);
    put(results, found.length === 0 ? h('section', { class: 'card' }, empty('search', 'No entry', 'No preset holds such a domain. It can be added as a custom domain.')) : found.map(presetCard));
  }

  show();
  return h('div', { class: 'stack' }, h('div', { class: 'filters' }, search.element, which.element), h('div', { class: 'row apart' }, h('label', { class: 'row small' }, flagged, 'Only where anyone may publish'), said), results);
}

function narrowed(preset, word, onlyFlagged) {
  const matches = (group, entry) => (!onlyFlagged || entry.userContent) && (word === '' || entry.domain.includes(word) || group.name.includes(word) || (group.description ?? '').toLowerCase().includes(word) || entry.note.toLowerCase().includes(word));
  return { ...preset, groups: preset.groups.map((group) => ({ ...group, entries: group.entries.filter((entry) => matches(group, entry)) })).filter((group) => group.entries.length > 0) };
}

function presetCard(preset) {
  const flagged = entriesOf([preset]).filter((entry) => entry.userContent).length;
  return card(
    preset.name,
    preset.description,
    [badge(`version ${preset.version}`), badge(plural(domainCount([preset]), 'domain')), flagged > 0 ? badge(`${count(flagged)} with user content`, 'warn', 'people') : null],
    h('div', { class: 'pad stack' }, preset.includes.length > 0 ? h('p', { class: 'small soft' }, `Comes with ${preset.includes.join(', ')}.`) : null, preset.groups.map(groupView)),
  );
}
