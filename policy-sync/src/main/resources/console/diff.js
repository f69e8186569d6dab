/** Differences between two settings, as people read them: plus and minus, by field. */
import { h } from './dom.js';
import { count, fieldTitle, levelTitle } from './words.js';

/** In the form in which the history has them. */
export function differences(before, after) {
  return Object.keys(after)
    .map((field) => ({ field, was: texts(field, before[field]), is: texts(field, after[field]) }))
    .map(({ field, was, is }) => ({ field, removed: was.filter((one) => !is.includes(one)), added: is.filter((one) => !was.includes(one)) }))
    .filter(({ removed, added }) => removed.length + added.length > 0);
}

function texts(field, value) {
  if (value === undefined || value === null) {
    return [];
  }
  if (typeof value === 'boolean') {
    return [value ? 'on' : 'off'];
  }
  if (Array.isArray(value)) {
    return value;
  }
  if (typeof value === 'object') {
    return Object.entries(value).map(([pattern, blocks]) => `${pattern}=${blocks.join(',')}`);
  }
  return [String(value)];
}

/** What each field lost and got. */
export function diffView(changes) {
  if (changes.length === 0) {
    return h('p', { class: 'small soft' }, 'Nothing differs.');
  }
  return h('div', { class: 'diff' }, changes.map(({ field, removed, added }) => h('div', { class: 'stack tight' }, h('span', { class: 'what' }, fieldTitle(field)), h('ul', null, lines(field, removed, 'minus', '−', 'removed'), lines(field, added, 'plus', '+', 'added')))));
}

/** A pasted list may have thousands: the rest is there for whoever wants it. */
const MOST_LINES = 20;

function lines(field, values, kind, sign, word) {
  const all = values.map((value) => line(field, value, kind, sign, word));
  return all.length <= MOST_LINES ? all : [all.slice(0, MOST_LINES), h('li', { class: 'rest' }, h('details', { class: 'plain' }, h('summary', null, `${count(all.length - MOST_LINES)} more ${word}`), h('ul', null, all.slice(MOST_LINES))))];
}

function line(field, value, kind, sign, word) {
  return h('li', { class: kind }, h('span', { 'aria-hidden': 'true' }, sign), h('span', { class: 'unseen' }, `${word}: `), h('span', null, field === 'level' ? levelTitle(value) : value));
}
