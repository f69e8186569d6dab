/** Numbers, times and names of things as people read them. */
import { h } from './dom.js';

const NUMBER = new Intl.NumberFormat('en');
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
const AGO = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });
const STEPS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

export const count = (number) => NUMBER.format(number);

/** "1 session", "3 sessions". */
export const plural = (number, word, more = `${word}s`) => `${count(number)} ${number === 1 ? word : more}`;

export function ago(instant) {
  const seconds = (Date.parse(instant) - Date.now()) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) {
      return AGO.format(Math.round(seconds / length), unit);
    }
  }
  return 'just now';
}

export const moment = (instant) => MOMENT.format(new Date(instant));

/** The exact time, and how long ago: for records, which are read long after. */
export function stamp(instant) {
  if (!instant || Number.isNaN(Date.parse(instant))) {
    return h('span', { class: 'faint' }, '–');
  }
  return h('time', { datetime: instant, title: ago(instant) }, moment(instant));
}

/** How long ago, with the exact time to hover over. */
export function when(instant) {
  if (!instant || Number.isNaN(Date.parse(instant))) {
    return h('span', { class: 'faint' }, '–');
  }
  return h('time', { class: 'age', datetime: instant, title: moment(instant) }, ago(instant));
}

/** What was "2 minutes ago" when it was drawn is older now. */
export function age(place) {
  for (const one of place.querySelectorAll('time.age')) {
    const text = ago(one.dateTime);
    if (one.textContent !== text) {
      one.textContent = text; // else who has selected it would lose that
    }
  }
}

/** The levels in the order of what they open. */
export const LEVELS = [
  { level: 'none', title: 'None', says: 'Only the custom domains below. Without any, sandboxes reach nothing.' },
  { level: 'connections', title: 'Connections', says: 'What the source-code connection needs: clone, push and pull requests.' },
  { level: 'package-managers', title: 'Package managers', says: 'The package registries of languages, operating systems and containers.' },
  { level: 'common-dependencies', title: 'Common dependencies', says: 'Connections, registries and the hosts of common development tools.' },
  { level: 'all', title: 'All domains', says: 'Every public name and every port. The most freedom, and the highest risk.' },
];

export const levelTitle = (level) => LEVELS.find((one) => one.level === level)?.title ?? level;

const FIELDS = {
  'internet-access': 'Internet access',
  level: 'Level',
  allow: 'Allowed domains',
  deny: 'Denied domains',
  ports: 'Ports',
  types: 'Record types',
  internal: 'Internal domains',
  ancestors: 'Ancestors of allowed names',
};

export const fieldTitle = (field) => FIELDS[field] ?? field;

/** What a pattern means, in words. */
export function meaning(pattern) {
  const port = /:(\d+)$/.exec(pattern);
  const name = port ? pattern.slice(0, port.index) : pattern;
  const only = port ? `, tcp port ${port[1]} only` : '';
  if (name.startsWith('*.')) {
    return `any name below ${name.slice(2)}${only}`;
  }
  if (name.startsWith('.')) {
    return `${name.slice(1)} and any name below it${only}`;
  }
  return `this name only${only}`;
}

export const ROLES = {
  'platform-admin': 'Platform admin',
  'org-admin': 'Organisation admin',
  'org-viewer': 'Viewer',
  node: 'Node',
};

export const roleTitle = (role) => ROLES[role] ?? role;

/** As much of a digest as tells two apart. */
export const shortDigest = (digest) => String(digest ?? '').replace(/^sha256:/, '').slice(0, 12);
