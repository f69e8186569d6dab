/** Where there is no organisation yet, and the dialog that makes one. */
import { post } from '../api.js';
import { BLAMED, ask, whyField } from '../dialog.js';
import { h, put } from '../dom.js';
import { button, empty, field, pageHead, tell } from '../parts.js';

export function welcomePage(main, context) {
  put(
    main,
    pageHead('Welcome', 'Sallyport decides what agents’ sandboxes may reach.'),
    h(
      'section',
      { class: 'card' },
      context.platform
        ? empty('people', 'No organisation yet', 'An organisation owns one set of settings. A new one starts with internet access on and package managers allowed.', button('New organisation', () => newOrg(context), { kind: 'main', icon: 'plus' }))
        : empty('people', 'No organisation', 'Your account belongs to none. Ask a platform admin.'),
    ),
  );
}

export async function newOrg(context) {
  const name = field('Name', h('input', { type: 'text', autocomplete: 'off', spellcheck: 'false', maxlength: 63 }), 'Letters, digits, dots, dashes and underscores.');
  const imported = h('input', { type: 'checkbox', class: 'tick', id: 'imported' });
  const why = whyField();
  const made = await ask({
    title: 'New organisation',
    body: h(
      'div',
      { class: 'stack' },
      name.element,
      h('label', { class: 'row', for: 'imported' }, imported, h('span', { class: 'small' }, 'It existed before: keep its access to all domains until an admin changes it')),
      why.element,
    ),
    yes: 'Create',
    work: async () => {
      name.clear();
      const org = name.control.value.trim();
      if (org === '') {
        name.blame('Write a name, such as acme.');
        throw BLAMED;
      }
      await post('/v1/orgs', { org, imported: imported.checked, why: why.value() });
      return org;
    },
  });
  if (made) {
    await context.orgsChanged(made);
    tell(`${made} is there.`);
  }
}
