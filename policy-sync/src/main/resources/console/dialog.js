/** Questions before something happens. Native dialogs: they hold the focus, and give it back. */
import { freshId, h, put } from './dom.js';
import { button, field, problemBox } from './parts.js';

/** What `work` throws when a field has said already what is wrong. */
export const BLAMED = new Error('a field says what is wrong');

/**
 * Opens a dialog. `work` runs on its main button; while it runs the buttons wait, and what it throws
 * is shown in the dialog, which stays. Where something has to come first, `when` promises it: whether
 * there is anything for the button to do. Resolves to what `work` brought, or to undefined.
 */
export function ask({ title, body, yes, kind = 'main', no = 'Cancel', when, work }) {
  return new Promise((resolve) => {
    const id = freshId('dialog');
    const wrong = h('div', { 'aria-live': 'assertive' });
    const go = button(yes, null, { kind, type: 'submit' });
    let outcome;
    if (when) {
      go.disabled = true;
      when.then((useful) => { go.disabled = false; go.hidden = !useful; }, () => { go.hidden = true; });
    }
    const dialog = h(
      'dialog',
      { 'aria-labelledby': id, on: { close: () => { dialog.remove(); resolve(outcome); } } },
      h('form', { method: 'dialog', on: { submit } }, h('h2', { id }, title), body, wrong, h('div', { class: 'buttons' }, no ? button(no, () => dialog.close()) : null, go)),
    );

    async function submit(event) {
      event.preventDefault();
      if (go.disabled) {
        return;
      }
      go.disabled = true;
      put(wrong);
      try {
        outcome = work ? ((await work()) ?? true) : true;
        dialog.close();
      } catch (failure) {
        put(wrong, failure === BLAMED ? null : problemBox(failure));
      } finally {
        go.disabled = false;
      }
    }

    document.body.append(dialog);
    dialog.showModal();
  });
}

/** One line of text that goes into the history. */
export function whyField() {
  const input = h('input', { type: 'text', maxlength: 500, autocomplete: 'off' });
  const whole = field('Why (optional)', input, 'Kept in the history and in the audit trail.');
  return { element: whole.element, value: () => input.value.trim() };
}

/**
 * Runs a change, and where the server wants the risks confirmed asks about them and runs it again.
 * `work` gets the codes that were confirmed.
 */
export async function confirming(work, confirmed = []) {
  try {
    return (await work(confirmed)) ?? true;
  } catch (failure) {
    if (!failure.needsConfirmation) {
      throw failure;
    }
    return askRisks(failure.body.risks, work, confirmed);
  }
}

function askRisks(risks, work, before) {
  const ticks = risks.map(() => h('input', { type: 'checkbox', class: 'tick', required: true }));
  return ask({
    title: 'This opens more than it seems',
    body: h(
      'div',
      { class: 'stack tight' },
      h('p', { class: 'soft' }, 'Read what each of these means, and tick it if it is what you want.'),
      risks.map((risk, i) => h('label', { class: 'risk' }, ticks[i], h('span', null, risk.pattern ? h('b', { class: 'mono' }, risk.pattern) : null, risk.text))),
    ),
    yes: 'Allow it',
    kind: 'danger main',
    work: () => work([...new Set([...before, ...risks.map((risk) => risk.code)])]),
  });
}
