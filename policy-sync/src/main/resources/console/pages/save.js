/** The draft of settings: how much differs, what it would have changed, and saving it. */
import { get, post } from '../api.js';
import { ask, confirming, whyField } from '../dialog.js';
import { diffView, differences } from '../diff.js';
import { h, put } from '../dom.js';
import { button, note, tell } from '../parts.js';
import { count, plural } from '../words.js';

const DAYS = 7;
const MOST_NAMES = 8;

export function saveBar(access) {
  const number = Object.keys(access.draft).length;
  if (number === 0) {
    return null;
  }
  return h(
    'section',
    { class: 'save-bar', 'aria-label': 'Changes that are not saved' },
    h('p', { role: 'status' }, h('strong', null, plural(number, 'change')), ' not saved'),
    h('div', { class: 'row' }, button('Discard', () => access.discard(), { kind: 'quiet' }), button('Review and save', () => review(access), { kind: 'main' })),
  );
}

async function review(access) {
  const why = whyField();
  const saved = await ask({
    title: 'Save these changes?',
    body: h('div', { class: 'stack' }, diffView(differences(access.settings, access.document())), impact(access), why.element, h('p', { class: 'small soft' }, 'New sessions get this. Running ones keep what they have.')),
    yes: 'Save',
    work: () => confirming((confirm) => save(access, why.value(), confirm)),
  });
  if (saved) {
    tell(`Saved as version ${access.settings.version}.`);
    document.getElementById('page-title')?.focus({ preventScroll: true });
  } else if (document.activeElement === document.body) {
    // The bar was drawn anew for what somebody else saved.
    access.places.save.querySelector('.button.main')?.focus();
  }
}

async function save(access, why, confirm) {
  try {
    await access.save(why, confirm);
    return true;
  } catch (failure) {
    if (failure.status === 412) {
      await rebase(access);
      failure.title = 'Changed meanwhile';
      failure.message = `Someone else changed the settings meanwhile: version ${access.settings.version} by ${access.settings['changed-by']}. Your changes are kept; close this, look at them again and save.`;
    }
    throw failure;
  }
}

/** The settings as they are now below the draft as it is. */
async function rebase(access) {
  access.settings = await get(access.where);
  access.etag = `"${access.settings.version}"`;
  access.draw(access.place);
}

/** What the draft would have changed for names that were really asked for. */
function impact(access) {
  const place = h('div', { 'aria-live': 'polite' }, h('p', { class: 'small soft' }, `Comparing with the names of the last ${DAYS} days…`));
  post(`${access.where}/impact`, { ...access.document(), days: DAYS })
    .then((found) => put(place, impactView(found)))
    .catch((failure) => put(place, h('p', { class: 'small soft' }, `Not compared with recorded names: ${failure.message}`)));
  return place;
}

function impactView(found) {
  const opened = found['newly-allowed'] ?? [];
  const closed = found['newly-denied'] ?? [];
  if (opened.length + closed.length === 0) {
    return note('', h('span', null, `No name that was asked for in the last ${DAYS} days would have been answered differently.`));
  }
  return h('div', { class: 'stack tight' }, names('warn', 'would have been allowed', opened), names('bad', 'would have been denied', closed));
}

function names(kind, what, list) {
  if (list.length === 0) {
    return null;
  }
  const more = list.length - MOST_NAMES;
  return note(
    kind,
    h('strong', null, `${plural(list.length, 'name')} of the last ${DAYS} days ${what}`),
    h('ul', { class: 'impact' }, list.slice(0, MOST_NAMES).map((one) => h('li', null, h('code', null, one.name), h('span', { class: 'soft numeric' }, `${count(one.count)}×`)))),
    more > 0 ? h('span', null, `and ${count(more)} more`) : null,
  );
}
