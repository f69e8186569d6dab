/** Namespaces: whose pods may name this organisation. Who runs the platform maps them; here they are read. */
import { all } from '../api.js';
import { h, put } from '../dom.js';
import { card, empty, load, pageHead, table } from '../parts.js';
import { when } from '../words.js';

export function namespacesPage(main, context) {
  const place = h('div');
  put(main, pageHead('Namespaces', 'Pods of these Kubernetes namespaces may name this organisation, and get its sessions.'), place);
  return load(place, 'the namespaces', () => namespacesView(context));
}

async function namespacesView(context) {
  const mappings = await all('/v1/namespaces', { org: context.org }, { signal: context.signal });
  if (mappings.length === 0) {
    return h('section', { class: 'card' }, empty('cluster', 'No namespace is mapped', 'A pod that names this organisation gets no session.', how(context)));
  }
  const columns = [{ title: 'Namespace', kind: 'head' }, { title: 'Since' }, { title: 'By' }, { title: 'Why' }];
  return card('Mapped namespaces', 'Pods of all others that name it get no session.', null, table('Namespaces', columns, mappings.map(row)), how(context));
}

const row = (mapping) => [h('strong', { class: 'mono' }, mapping.namespace), when(mapping.at), mapping.by || '–', mapping.why || '–'];

function how(context) {
  const says = context.platform ? [h('code', null, `sallyport namespace map NAMESPACE ${context.org}`), ' maps one, ', h('code', null, 'unmap'), ' takes it back.'] : ['Who runs the platform maps namespaces.'];
  return h('p', { class: 'small soft pad' }, says);
}
