/** Elements from values. Data becomes text, never markup: there is no way here to hand in HTML. */

const SVG = 'http://www.w3.org/2000/svg';

/** Set as properties, because the attribute is only their first value. */
const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'open', 'hidden', 'indeterminate']);

/**
 * An element. An attribute that is true is set, one that is false, null or undefined is not; `on`
 * maps events to listeners. Children are elements, texts, numbers, lists of these, or nothing.
 */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same in SVG. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    set(element, name, value);
  }
  element.append(...flat(children));
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined) {
    return;
  }
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) {
      element.addEventListener(event, listener);
    }
  } else if (/^on|^style$|^srcdoc$/i.test(name)) {
    throw new Error(`${name} is not set here`);
  } else if (name === 'href' && !/^(#|\/(?![/\\]))/.test(value) && !value.startsWith('blob:')) {
    throw new Error('links stay in this console');
  } else if (PROPERTIES.has(name)) {
    element[name] = value;
  } else if (value !== false) {
    element.setAttribute(name, value === true ? '' : String(value));
  }
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false && child !== '')
    .map((child) => (child instanceof Node ? child : document.createTextNode(String(child))));
}

/** Puts new children into a place. */
export function put(place, ...children) {
  place.replaceChildren(...flat(children));
  return place;
}

let ids = 0;

/** An id of its own, to tie a label or a description to a control. */
export function freshId(word) {
  ids += 1;
  return `${word}-${ids}`;
}

/** Waits until nothing was asked for some time, so that typing does not ask with each letter. */
export function debounced(milliseconds, work) {
  let timer = 0;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}
