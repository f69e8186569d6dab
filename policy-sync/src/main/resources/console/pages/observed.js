/** What an observed session needed, as the smallest list, and applying it. */
import { get, path, post, query } from '../api.js';
import { ask, confirming } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, note, problemBox, tell, waiting } from '../parts.js';
import { count, levelTitle, meaning, plural } from '../words.js';

export function observedButton(context, session) {
  return button('Report', () => report(context, session), { kind: 'small', icon: 'eye', label: `Report of what session ${session.id} needed` });
}

async function report(context, session) {
  const place = h('div', null, waiting('the report'));
  let proposal = null;
  get(query(path`/v1/orgs/${context.org}/observed`, { session: session.id }), { signal: context.signal })
    .then((found) => {
      proposal = found;
      put(place, proposalView(found));
    })
    .catch((failure) => put(place, problemBox(failure)));
  const applied = await ask({
    title: `What session ${session.id} needed`,
    body: place,
    yes: 'Add these domains',
    no: 'Close',
    work: () => apply(context, proposal),
  });
  if (applied) {
    tell('Added. New sessions may reach them.');
  }
}

function patternsOf(proposal) {
  return (proposal?.patterns ?? proposal?.allow ?? []).map((one) => (typeof one === 'string' ? { pattern: one } : one));
}

function proposalView(proposal) {
  const patterns = patternsOf(proposal);
  if (patterns.length === 0 && !proposal.level) {
    return note('good', h('span', null, 'Everything it asked for is allowed already.'));
  }
  return h(
    'div',
    { class: 'stack' },
    proposal.level ? note('', h('span', null, 'Level ', h('strong', null, levelTitle(proposal.level)), ' holds most of it.')) : null,
    h('ul', { class: 'domain-list inset' }, patterns.map((one) => h('li', null, h('span', { class: 'domain' }, h('code', null, one.pattern), h('span', { class: 'soft' }, meaning(one.pattern))), one['user-content'] ? badge('anyone may publish there', 'warn', 'people') : null, one.count ? h('span', { class: 'soft small' }, `${count(one.count)}×`) : null))),
    h('p', { class: 'small soft' }, `${plural(patterns.length, 'pattern')} for all that it was answered in observe mode.`),
  );
}

async function apply(context, proposal) {
  const patterns = patternsOf(proposal).map((one) => one.pattern);
  if (patterns.length === 0) {
    throw new Error('There is nothing to add.');
  }
  return confirming((confirm) => post(path`/v1/orgs/${context.org}/network-access/domains`, { domains: patterns, list: 'allow', why: 'what an observed session needed', ...(confirm.length > 0 ? { confirm } : {}) }));
}
