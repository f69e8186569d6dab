/** Agents: the switch for code execution. An agent that nobody switched has it on. */
import { all, path, putTo } from '../api.js';
import { BLAMED, ask, whyField } from '../dialog.js';
import { h, put } from '../dom.js';
import { button, card, empty, fault, field, load, pageHead, table, tell } from '../parts.js';
import { when } from '../words.js';

export function agentsPage(main, context) {
  const place = h('div');
  const again = () => load(place, 'the agents', () => agentsView(context, again));
  put(main, pageHead('Agents', 'An agent with code execution off gets no session, and so no network. It is on for every new agent.', context.mayChange ? button('Switch an agent', () => add(context, again), { kind: 'main', icon: 'plus' }) : null), place);
  return again();
}

async function agentsView(context, again) {
  const agents = await all(path`/v1/orgs/${context.org}/agents`, {}, { signal: context.signal });
  if (agents.length === 0) {
    return h('section', { class: 'card' }, empty('agent', 'No agent was switched yet', 'All of them may execute code. Switch one off here before it starts its first session.'));
  }
  const columns = [{ title: 'Agent', kind: 'head' }, { title: 'Code execution' }, { title: 'Changed' }, { title: 'By' }, { title: 'Why' }];
  return card('Switched agents', 'All others may execute code.', null, table('Agents', columns, agents.map((agent) => row(context, agent, again))));
}

const nameOf = (agent) => agent.agent ?? agent.name;

function row(context, agent, again) {
  const name = nameOf(agent);
  return [h('strong', { class: 'mono' }, name), switchFor(context, agent, name), when(agent['changed-at'] ?? agent.at), agent['changed-by'] ?? agent.by ?? '–', agent.why || '–'];
}

function switchFor(context, agent, name) {
  const wrong = h('div', { role: 'alert' });
  const says = h('span', { class: 'small' }, agent['code-execution'] ? 'on' : 'off');
  const input = h('input', {
    type: 'checkbox',
    role: 'switch',
    class: 'switch',
    checked: agent['code-execution'],
    disabled: !context.mayChange,
    'aria-label': `Code execution of ${name}`,
    on: { change },
  });

  async function change() {
    const on = input.checked;
    put(wrong);
    try {
      await set(context, name, on, '');
      put(says, on ? 'on' : 'off');
      tell(`Code execution of ${name} is ${on ? 'on' : 'off'}.`);
    } catch (failure) {
      input.checked = !on;
      put(wrong, fault(failure.message));
    }
  }

  return h('div', { class: 'row' }, input, says, wrong);
}

function set(context, name, on, why) {
  return putTo(path`/v1/orgs/${context.org}/agents/${name}`, { 'code-execution': on, ...(why ? { why } : {}) });
}

async function add(context, again) {
  const name = field('Agent', h('input', { type: 'text', spellcheck: 'false', autocomplete: 'off', maxlength: 128 }), 'Its name, as sessions are started with it.');
  const on = h('input', { type: 'checkbox', role: 'switch', class: 'switch' });
  const why = whyField();
  const done = await ask({
    title: 'Switch an agent',
    body: h('div', { class: 'stack' }, name.element, h('label', { class: 'row' }, on, h('span', null, 'Code execution')), h('p', { class: 'small soft' }, 'Off: no new session. Running ones go on to their end.'), why.element),
    yes: 'Save',
    work: async () => {
      name.clear();
      const agent = name.control.value.trim();
      if (agent === '') {
        name.blame('Write the name of the agent.');
        throw BLAMED;
      }
      await set(context, agent, on.checked, why.value());
      return agent;
    },
  });
  if (done) {
    tell(`Code execution of ${done} is ${on.checked ? 'on' : 'off'}.`);
    again();
  }
}
