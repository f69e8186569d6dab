/** What presets and levels contain, counted and listed. */
import { items } from './api.js';
import { h } from './dom.js';
import { glyph } from './parts.js';
import { plural } from './words.js';

/** Presets as the pages use them: entries are always objects. */
export function readPresets(answer) {
  return items(answer).map((preset) => ({
    ...preset,
    includes: preset.includes ?? [],
    groups: (preset.groups ?? []).map((group) => ({ ...group, entries: (group.entries ?? []).map(readEntry) })),
  }));
}

function readEntry(entry) {
  if (typeof entry === 'string') {
    return { domain: entry, userContent: false, note: '' };
  }
  return { domain: entry.domain ?? entry.pattern, userContent: Boolean(entry['user-content']), note: entry.note ?? '' };
}

/** The presets that a level is made of, with those they include. */
export function presetsOf(level, presets) {
  const found = [];
  const left = [level];
  while (left.length > 0) {
    const preset = presets.find((one) => one.name === left[0]);
    left.shift();
    if (preset && !found.includes(preset)) {
      found.push(preset);
      left.push(...preset.includes);
    }
  }
  return found;
}

export const entriesOf = (presets) => presets.flatMap((preset) => preset.groups.flatMap((group) => group.entries));

/** Different domains: two presets may hold the same. */
export const domainCount = (presets) => new Set(entriesOf(presets).map((entry) => entry.domain)).size;

/** One group with its domains as chips; where anyone may publish, it says so. */
export function groupView(group) {
  return h(
    'div',
    { class: 'group' },
    h('h4', null, group.name, h('span', { class: 'faint' }, group.description ? ` · ${group.description}` : '')),
    h('ul', { class: 'chips' }, group.entries.map(chip)),
  );
}

function chip(entry) {
  if (!entry.userContent) {
    return h('li', { class: 'chip', title: entry.note || null }, entry.domain);
  }
  return h('li', { class: 'chip flagged', title: entry.note || 'Anyone may publish here' }, glyph('people'), entry.domain, h('span', { class: 'unseen' }, '(anyone may publish here)'));
}

export function userContentNote(number) {
  return number === 0 ? null : h('p', { class: 'small soft user-content-note' }, glyph('people'), h('span', null, `On ${plural(number, 'of them anyone may publish', 'of them anyone may publish')}, so that data can leave there.`));
}
