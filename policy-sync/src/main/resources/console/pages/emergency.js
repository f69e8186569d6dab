/** Emergency denials: the one change that reaches running sessions. */
import { get, items, path, post, remove } from '../api.js';
import { BLAMED, ask } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, card, empty, field, note, table, tell } from '../parts.js';
import { when } from '../words.js';
import { checking } from './domains.js';

export async function emergencyCard(context) {
  const own = path`/v1/orgs/${context.org}/emergency-denials`;
  const place = h('div');
  const show = async () => {
    const [mine, everyones] = await Promise.all([get(own, { signal: context.signal }), context.platform ? get('/v1/emergency-denials', { signal: context.signal }) : []]);
    const rows = [...items(mine).map((one) => ({ ...one, from: own })), ...items(everyones).filter((one) => !one.org).map((one) => ({ ...one, from: '/v1/emergency-denials' }))];
    put(place, denials(context, dedupe(rows), show));
  };
  await show();
  return card(
    'Emergency denials',
    'Closes a domain for running sessions too, and cuts their connections to it. Everything else waits for the next session.',
    context.mayChange ? button('Deny now', () => deny(context, own, show), { kind: 'danger', icon: 'stop' }) : null,
    place,
  );
}

/** The platform's may stand in an organisation's list as well; the later one can be lifted. */
function dedupe(rows) {
  return [...new Map(rows.map((row) => [row.id, row])).values()];
}

function denials(context, rows, again) {
  if (rows.length === 0) {
    return empty('check', 'None in force', 'When a domain turns out to be hostile, deny it here: sessions that run lose it within seconds.');
  }
  const columns = [{ title: 'Domain', kind: 'head' }, { title: 'For' }, { title: 'Why' }, { title: 'By' }, { title: 'Since' }, ...(context.mayChange ? [{ title: '', kind: 'actions' }] : [])];
  return table('Emergency denials', columns, rows.map((row) => [h('strong', { class: 'mono' }, row.pattern), row.org ? row.org : badge('every organisation', 'bad'), row.why || '–', row.by ?? '–', when(row.at), ...(context.mayChange ? [mayLift(context, row) ? button('Lift', () => lift(row, again), { kind: 'small', label: `Lift the denial of ${row.pattern}` }) : null] : [])]));
}

const mayLift = (context, row) => context.platform || row.org === context.org;

async function deny(context, own, again) {
  const pattern = field('Domain', h('input', { type: 'text', class: 'domain-text', spellcheck: 'false', autocomplete: 'off', placeholder: '.example.com' }), '.example.com is the domain and everything below it. A list is taken too.');
  const checked = checking(path`/v1/orgs/${context.org}/network-access`, 'deny', pattern.control, context.signal);
  const why = field('Why', h('input', { type: 'text', maxlength: 500, autocomplete: 'off' }), 'Shown to whoever wonders why their session lost it.');
  const everyone = h('input', { type: 'checkbox', class: 'tick' });
  const done = await ask({
    title: 'Deny a domain now',
    body: h('div', { class: 'stack' }, note('bad', h('span', null, 'Running sessions lose this domain at once, and their connections to it are cut.')), h('div', { class: 'stack tight' }, pattern.element, checked.element), why.element, context.platform ? h('label', { class: 'row' }, everyone, h('span', { class: 'small' }, 'For every organisation, not only ', h('strong', null, context.org))) : null),
    yes: 'Deny now',
    kind: 'danger main',
    work: async () => {
      pattern.clear();
      const denied = pattern.control.value.trim();
      if (denied === '') {
        pattern.blame('Write a domain, such as .example.com.');
        throw BLAMED;
      }
      await post(everyone.checked ? '/v1/emergency-denials' : own, { domains: denied, why: why.control.value.trim() });
      return denied;
    },
  });
  if (done) {
    tell(`${done} is denied. Running sessions${everyone.checked ? ' of every organisation' : ''} lose it within seconds.`);
    await again();
  }
}

async function lift(row, again) {
  const done = await ask({
    title: `Lift the denial of ${row.pattern}?`,
    body: h('p', null, 'Running sessions get back what their snapshot allows.'),
    yes: 'Lift',
    work: () => remove(`${row.from}${path`/${row.id}`}`),
  });
  if (done) {
    tell(`${row.pattern} is no longer denied.`);
    await again();
  }
}
