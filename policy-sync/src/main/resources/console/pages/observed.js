/** What an observed session needed, as the smallest change, and making it. */
import { get, path, query, send } from '../api.js';
import { ask, confirming } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, note, problemBox, tell, waiting } from '../parts.js';
import { count, levelTitle, meaning, plural } from '../words.js';

export function observedButton(context, session) {
  return button('Report', () => report(context, session), { kind: 'small', icon: 'eye', label: `Report of what session ${session.id} needed` });
}

async function report(context, session) {
  const place = h('div', { 'aria-live': 'polite' }, waiting('the report'));
  const where = path`/v1/orgs/${context.org}/network-access`;
  const ready = propose(context, session, where);
  ready.then(({ proposal }) => put(place, proposalView(proposal)), (failure) => put(place, problemBox(failure)));
  const applied = await ask({
    title: `What session ${session.id} needed`,
    body: place,
    yes: 'Make this change',
    no: 'Close',
    when: ready.then(({ proposal }) => proposal.changed),
    work: async () => apply(where, session, await ready),
  });
  if (applied) {
    tell('Changed. New sessions may reach what this one needed.');
  }
}

/** The settings are read first: the change is refused if somebody changed them after that. */
async function propose(context, session, where) {
  const now = await send('GET', where, { signal: context.signal });
  const proposal = await get(query(path`/v1/orgs/${context.org}/observed`, { session: session.id }), { signal: context.signal });
  return { etag: now.headers.get('ETag'), proposal };
}

function proposalView(proposal) {
  const parts = proposal.items ?? [];
  const leftOut = proposal['left-out'] ?? [];
  return h(
    'div',
    { class: 'stack' },
    parts.length === 0
      ? note('good', h('span', null, 'Nothing is to be changed: what it asked for is allowed, or stays denied on purpose.'))
      : [h('p', { class: 'small soft' }, `The smallest change that gives it what it asked for: ${plural(parts.length, 'part')}.`), h('ul', { class: 'domain-list inset' }, parts.map(part))],
    leftOut.length === 0 ? null : h('details', { class: 'plain' }, h('summary', null, `${plural(leftOut.length, 'name')} left out`), h('ul', { class: 'denied-names' }, leftOut.map((one) => h('li', null, h('code', null, one.name), h('span', { class: 'soft' }, one.sentence ?? one.reason ?? ''))))),
  );
}

function part(one) {
  const level = one.kind === 'level';
  return h(
    'li',
    null,
    h('span', { class: 'domain' }, level ? h('strong', null, `Level ${levelTitle(one.value)}`) : h('code', null, one.value), h('span', { class: 'soft' }, level ? plural((one.names ?? []).length, 'name') : meaning(one.value))),
    one['user-content'] ? badge('anyone may publish there', 'warn', 'people') : null,
    h('span', { class: 'soft small' }, `${count(one.count)}×`),
    (one.notes ?? []).map((text) => h('p', { class: 'row-fault small soft' }, text)),
  );
}

function apply(where, session, ready) {
  return confirming((confirm) => send('PUT', where, { headers: { 'If-Match': ready.etag }, body: { ...ready.proposal.settings, why: `what session ${session.id} needed in observe mode`, ...(confirm.length > 0 ? { confirm } : {}) } }));
}
