/** The levels: one choice, each with what it contains. */
import { h } from '../dom.js';
import { badge, card, note } from '../parts.js';
import { domainCount, entriesOf, groupView, presetsOf, userContentNote } from '../presets.js';
import { LEVELS, plural } from '../words.js';

export function levelsCard(access) {
  const danger = h('div', { hidden: access.value('level') !== 'all' }, openNote());
  const choose = (level) => {
    danger.hidden = level !== 'all';
    access.set('level', level);
  };
  return card(
    'Level',
    'What is allowed before your own domains are added. Custom domains add to every level.',
    null,
    h('div', { class: 'pad stack' }, h('fieldset', { class: 'choices' }, h('legend', { class: 'unseen' }, 'Level'), LEVELS.map((one) => choice(access, one, choose))), danger),
  );
}

function choice(access, { level, title, says }, choose) {
  const presets = presetsOf(level, access.presets);
  const id = `level-${level}`;
  return h(
    'div',
    { class: 'choice' },
    h('input', { type: 'radio', name: 'level', id, value: level, checked: access.value('level') === level, disabled: !access.context.mayChange, 'aria-describedby': `${id}-says`, on: { change: () => choose(level) } }),
    h('label', { for: id }, h('span', { class: 'choice-title' }, title, access.settings.level === level ? badge('in force', 'accent') : null), h('span', { class: 'choice-says', id: `${id}-says` }, says)),
    h('span', { class: 'choice-count' }, size(level, presets)),
    presets.length === 0 ? null : contents(title, presets),
  );
}

function size(level, presets) {
  if (level === 'all') {
    return 'every domain';
  }
  return plural(domainCount(presets), 'domain');
}

function contents(title, presets) {
  const flagged = new Set(entriesOf(presets).filter((entry) => entry.userContent).map((entry) => entry.domain)).size;
  return h(
    'details',
    { class: 'plain contents' },
    h('summary', null, 'What it contains', h('span', { class: 'unseen' }, `: ${title}`)),
    h(
      'div',
      { class: 'stack' },
      userContentNote(flagged),
      presets.map((preset) => h('div', { class: 'stack tight' }, h('h3', null, preset.name, ' ', badge(`version ${preset.version}`)), preset.groups.map(groupView))),
    ),
  );
}

function openNote() {
  return note(
    'warn',
    h('strong', null, 'With every domain open, the sandbox cannot keep anything in.'),
    h('span', null, 'A prompt injection in a page or a package can make an agent send code, data and secrets to any server, and fetch malicious software or code with licences you cannot accept. Only denied domains stay closed.'),
  );
}
