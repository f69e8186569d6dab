/**
 * Network access: the toggle, the level, the domains, and what they mean. Domains are added and
 * removed at once; everything else is a draft until it was reviewed with what it would have changed,
 * so that one visit makes one version of the history.
 */
import { PAGE, get, items, path, query, send } from '../api.js';
import { h, put } from '../dom.js';
import { draftOf, keepDraft } from '../drafts.js';
import { badge, card, note, pageHead, tell, waiting, problemBox } from '../parts.js';
import { readPresets } from '../presets.js';
import { count, plural, when } from '../words.js';
import { advancedCard } from './advanced.js';
import { domainsCard } from './domains.js';
import { levelsCard } from './levels.js';
import { saveBar } from './save.js';

/** What a document of settings holds; the rest of an answer is about it. */
const FIELDS = ['internet-access', 'level', 'allow', 'deny', 'ports', 'types', 'internal', 'ancestors'];

export async function accessPage(main, context) {
  const place = h('div', { class: 'stack' }, h('div', { class: 'card' }, waiting('the settings')));
  put(main, pageHead('Network access', `What the sandboxes of ${context.org} may reach.`), place);
  try {
    const access = new Access(context);
    await access.load();
    access.draw(place);
  } catch (failure) {
    if (failure.name !== 'AbortError') {
      put(place, problemBox(failure, () => accessPage(main, context)));
    }
  }
}

/** The settings as they are, and the draft of what they shall be. */
class Access {
  constructor(context) {
    this.context = context;
    this.where = path`/v1/orgs/${context.org}/network-access`;
    this.draft = {};
    this.places = {};
    this.lists = {};
  }

  async load() {
    const { signal, org } = this.context;
    const [settings, presets, sessions] = await Promise.all([
      send('GET', this.where, { signal }),
      get('/v1/presets', { signal }),
      get(query(path`/v1/orgs/${org}/sessions`, { limit: PAGE }), { signal }).catch(() => null),
    ]);
    this.presets = readPresets(presets);
    // More than a page of them are not counted here: the note then leaves their number out.
    this.running = sessions === null || sessions.next ? null : items(sessions).filter((session) => session.state !== 'ended').length;
    await this.take(settings);
    if (this.context.mayChange) {
      Object.entries(draftOf(org)).filter(([field]) => FIELDS.includes(field)).forEach(([field, value]) => this.change(field, value));
    }
  }

  /** The answer of a read or a change is the new state. */
  async take(response) {
    this.settings = await response.json();
    this.etag = response.headers.get('ETag') ?? `"${this.settings.version}"`;
  }

  /** A field as the draft has it, else as it is. */
  value(field) {
    return this.draft[field] ?? this.settings[field];
  }

  set(field, value) {
    this.change(field, value);
    this.keep();
    put(this.places.save, saveBar(this));
  }

  change(field, value) {
    if (JSON.stringify(value) === JSON.stringify(this.settings[field])) {
      delete this.draft[field];
    } else {
      this.draft[field] = value;
    }
  }

  keep() {
    keepDraft(this.context.org, this.draft);
  }

  discard() {
    this.draft = {};
    this.keep();
    this.draw(this.place);
    tell('Back to the settings as they are saved.');
  }

  document() {
    return Object.fromEntries(FIELDS.filter((field) => this.value(field) !== undefined).map((field) => [field, this.value(field)]));
  }

  async save(why, confirm) {
    const body = { ...this.document(), ...(why ? { why } : {}), ...(confirm.length > 0 ? { confirm } : {}) };
    await this.take(await send('PUT', this.where, { body, headers: { 'If-Match': this.etag } }));
    this.draft = {};
    this.keep();
    this.draw(this.place);
  }

  /** All of it from the settings and the draft; the cards of domains stay, with what is being typed there. */
  draw(place) {
    const unfolded = this.places.advanced?.open ?? false;
    this.place = place;
    this.lists.allow ??= domainsCard(this, 'allow');
    this.lists.deny ??= domainsCard(this, 'deny');
    this.places = { version: h('div'), sessions: h('div'), advanced: advancedCard(this), save: h('div', { class: 'save-place' }) };
    this.places.advanced.open = unfolded;
    put(place, this.places.version, this.places.sessions, toggleCard(this), levelsCard(this), this.lists.allow.element, this.lists.deny.element, this.places.advanced, this.places.save);
    this.drawLists();
    put(this.places.save, saveBar(this));
  }

  /** What a change of domains touches; the draft beside it stays as it is. */
  drawLists() {
    put(this.places.version, versionLine(this.settings, this.context));
    put(this.places.sessions, sessionsNote(this));
    this.lists.allow.show();
    this.lists.deny.show();
  }
}

function versionLine(settings, context) {
  return h(
    'p',
    { class: 'row small soft' },
    badge(`Version ${count(settings.version)}`),
    h('span', null, 'changed ', when(settings['changed-at']), ' by ', h('strong', null, settings['changed-by']), settings.why ? ` · “${settings.why}”` : ''),
    h('a', { href: context.hash('history') }, 'History'),
  );
}

function sessionsNote({ settings, running, context }) {
  const stale = settings['stale-sessions'] ?? 0;
  const link = h('a', { href: context.hash('sessions') }, 'See the sessions');
  if (stale === 0) {
    return note('', h('span', null, h('strong', null, 'A change reaches new sessions only. '), running ? `The ${plural(running, 'session')} running now ${running === 1 ? 'has' : 'have'} the access shown here and ${running === 1 ? 'keeps' : 'keep'} it to the end. ` : 'No session is running now. ', link));
  }
  return note(
    'warn',
    h(
      'span',
      null,
      h('strong', null, `${plural(stale, 'running session')} ${stale === 1 ? 'keeps' : 'keep'} older access. `),
      `${running === null || running < stale ? '' : `${count(stale)} of ${plural(running, 'session')} started before the last change. `}A session keeps the access it started with; end it to make it start again with these settings. `,
      link,
    ),
  );
}

function toggleCard(access) {
  const off = h('div', { hidden: access.value('internet-access') }, note('bad', h('span', null, h('strong', null, 'Sandboxes reach nothing. '), 'Agents can still analyse data and make files with what is installed. What is set below counts again when access is on.')));
  const input = h('input', {
    type: 'checkbox',
    role: 'switch',
    class: 'switch',
    id: 'internet-access',
    checked: access.value('internet-access'),
    disabled: !access.context.mayChange,
    'aria-describedby': 'internet-access-says',
    on: {
      change: () => {
        off.hidden = input.checked;
        access.set('internet-access', input.checked);
      },
    },
  });
  return h(
    'section',
    { class: 'card', 'aria-labelledby': 'internet-access-title' },
    h(
      'header',
      { class: 'toggle' },
      h('div', null, h('h2', { id: 'internet-access-title' }, h('label', { for: 'internet-access' }, 'Internet access')), h('p', { id: 'internet-access-says' }, 'Whether sandboxes can reach the internet at all. Off blocks everything outbound.')),
      input,
    ),
    h('div', { class: 'pad off-note' }, off),
  );
}
