/** The button that adds a pattern to the custom domains where one sees that it is missing. */
import { path, post } from '../api.js';
import { confirming } from '../dialog.js';
import { h, put } from '../dom.js';
import { badge, button, fault, tell } from '../parts.js';

/** `done` is called after it was added. */
export function allowButton(context, pattern, done, { kind = 'main', text = `Allow ${pattern}` } = {}) {
  const place = h('div', { class: 'stack tight' });
  const add = async () => {
    press.disabled = true;
    try {
      const added = await confirming((confirm) => post(path`/v1/orgs/${context.org}/network-access/domains`, { domains: [pattern], list: 'allow', ...(confirm.length > 0 ? { confirm } : {}) }));
      if (added) {
        put(place, badge('Added', 'good', 'check'));
        tell(`${pattern} added. New sessions may reach it.`);
        done?.();
      }
    } catch (failure) {
      put(place, press, h('div', { role: 'alert' }, fault(failure.message)));
    } finally {
      press.disabled = false;
    }
  };
  const press = button(text, add, { kind, icon: 'plus', label: `Allow ${pattern}` });
  put(place, press);
  return place;
}
