/** History: every version with who, when, why and what differed; and the way back. */
import { get, items, path, query, send } from '../api.js';
import { ask, confirming, whyField } from '../dialog.js';
import { diffView, differences } from '../diff.js';
import { h, put } from '../dom.js';
import { badge, button, empty, load, pageHead, problemBox, tell, waiting } from '../parts.js';
import { stamp } from '../words.js';

const PAGE = 20;

export function historyPage(main, context) {
  const place = h('div');
  put(main, pageHead('History', 'Every change made a version, and stays. A rollback is a new version with older settings.'), place);
  return load(place, 'the history', () => historyView(main, context));
}

async function historyView(main, context) {
  const where = path`/v1/orgs/${context.org}/history`;
  const list = h('ol', { class: 'timeline' });
  const more = h('div');
  let newest = null;

  async function page(before) {
    const answer = await get(query(where, { limit: PAGE, before }), { signal: context.signal });
    const versions = items(answer);
    newest ??= versions[0]?.version;
    list.append(...versions.map((version) => versionView(version, newest, context, main)));
    const last = versions.at(-1)?.version;
    put(more, versions.length === PAGE && last > 1 ? button('Show older', () => older(last)) : null);
    return versions.length;
  }

  async function older(before) {
    try {
      await page(before);
    } catch (failure) {
      put(more, problemBox(failure, () => older(before)));
    }
  }

  const first = await page(null);
  return first === 0 ? h('section', { class: 'card' }, empty('clock', 'No version yet', '')) : [list, more];
}

function versionView(version, newest, context, main) {
  const now = version.version === newest;
  return h(
    'li',
    { class: now ? 'now' : null },
    h(
      'article',
      { class: 'card stack tight', 'aria-label': `Version ${version.version}` },
      h(
        'div',
        { class: 'row apart' },
        h('div', { class: 'row' }, h('h2', null, `Version ${version.version}`), now ? badge('in force', 'accent') : null, h('span', { class: 'small soft' }, stamp(version.at), ' by ', h('strong', null, version.by))),
        !now && context.mayChange ? button('Roll back to this', () => rollback(version, context, main), { kind: 'small', label: `Roll back to version ${version.version}` }) : null,
      ),
      version.why ? h('p', null, `“${version.why}”`) : null,
      version.version === 1 && (version.changes ?? []).length === 0 ? h('p', { class: 'small soft' }, 'The organisation was created.') : diffView(version.changes ?? []),
    ),
  );
}

async function rollback(version, context, main) {
  const where = path`/v1/orgs/${context.org}/network-access`;
  const why = whyField();
  const shown = h('div', null, waiting('the difference'));
  const compared = compare(where, version, context);
  compared.then((found) => put(shown, diffView(found.changes)), (failure) => put(shown, problemBox(failure)));
  const done = await ask({
    title: `Roll back to version ${version.version}?`,
    body: h('div', { class: 'stack' }, h('p', { class: 'small soft' }, 'Against the settings as they are now:'), shown, why.element),
    yes: 'Roll back',
    when: compared.then((found) => found.changes.length > 0),
    work: async () => {
      const { etag } = await compared;
      return confirming((confirm) => send('POST', `${where}/rollback`, { body: { version: version.version, ...(why.value() ? { why: why.value() } : {}), ...(confirm.length > 0 ? { confirm } : {}) }, headers: { 'If-Match': etag } }));
    },
  });
  if (done) {
    tell(`The settings of version ${version.version} are in force for new sessions.`);
    await historyPage(main, context);
    document.getElementById('page-title')?.focus();
  }
}

/** What the rollback would change, and the version it is said against. */
async function compare(where, version, context) {
  const [now, then] = await Promise.all([send('GET', where, { signal: context.signal }), get(path`/v1/orgs/${context.org}/history/${version.version}`, { signal: context.signal })]);
  const settings = then['network-access'] ?? then.settings ?? then;
  const current = await now.json();
  const fields = ['internet-access', 'level', 'allow', 'deny', 'ports', 'types', 'internal', 'ancestors'];
  return { etag: now.headers.get('ETag') ?? `"${current.version}"`, changes: differences(current, Object.fromEntries(fields.map((field) => [field, settings[field]]))) };
}
