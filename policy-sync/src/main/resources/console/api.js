/** The control API. In: a path and a value. Out: the answer's JSON, or a Problem (RFC 9457) with its sentence. */

/** What the server, or the way to it, objected to. `message` says what to do. */
export class Problem extends Error {
  constructor(status, body) {
    super(sentence(body.detail || body.title || `the server answered ${status}`));
    this.status = status;
    this.type = body.type ?? 'about:blank';
    // Without a type of its own, a problem's title is a word of HTTP, which tells people nothing.
    this.title = this.type === 'about:blank' && status !== 0 ? '' : (body.title ?? '');
    this.field = body.field ?? '';
    this.fix = body.fix ?? '';
    this.body = body;
  }

  get needsConfirmation() {
    return this.status === 409 && Array.isArray(this.body.risks);
  }
}

const TRIES = 3;
const MOST_WAIT_SECONDS = 5;

/** The server's sentences begin small, to go on after a colon. */
function sentence(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

let csrf = null;

/** Sent with each write of a signed-in browser; `null` where a token in a header does the same. */
export function useCsrf(value) {
  csrf = value;
}

/** A path from its parts, each part encoded: an org's name is never taken for a slash. */
export function path(parts, ...values) {
  return parts.reduce((whole, part, i) => whole + encodeURIComponent(values[i - 1]) + part);
}

/** With the parameters that have a value. */
export function query(base, parameters) {
  const given = Object.entries(parameters).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length === 0 ? base : `${base}?${new URLSearchParams(given)}`;
}

/** A request; `etag` of the answer comes with it. */
export async function send(method, where, { body, headers = {}, signal, accept = 'application/json' } = {}) {
  const request = { method, signal, credentials: 'same-origin', cache: 'no-store', redirect: 'error', headers: { Accept: accept, ...headers } };
  if (body !== undefined) {
    request.headers['Content-Type'] = 'application/json';
    request.body = JSON.stringify(body);
  }
  if (method !== 'GET' && csrf) {
    request.headers['X-CSRF-Token'] = csrf;
  }
  if (method === 'POST') {
    request.headers['Idempotency-Key'] = randomKey();
  }
  const response = await patiently(where, request);
  if (!response.ok) {
    const problem = new Problem(response.status, await problemBody(response));
    if (problem.status === 401 && where !== '/signin') {
      // The browser's session is over, wherever that is noticed.
      window.dispatchEvent(new CustomEvent('unauthorized', { detail: problem }));
    }
    throw problem;
  }
  return response;
}

/** A read that came too fast is asked again when the server says that it may be. */
async function patiently(where, request) {
  for (let tries = 1; ; tries++) {
    const response = await reach(where, request);
    const seconds = Number(response.headers.get('Retry-After') ?? 1);
    if (response.status !== 429 || request.method !== 'GET' || tries === TRIES || !(seconds <= MOST_WAIT_SECONDS)) {
      return response;
    }
    await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
    request.signal?.throwIfAborted();
  }
}

async function reach(where, request) {
  try {
    return await fetch(where, request);
  } catch (failure) {
    if (failure.name === 'AbortError') {
      throw failure;
    }
    throw new Problem(0, { title: 'No connection', detail: 'The control server does not answer. Check that it runs and that this page can reach it, then try again.' });
  }
}

async function problemBody(response) {
  try {
    const body = await response.json();
    return body && typeof body === 'object' ? body : {};
  } catch {
    return { detail: `The server answered ${response.status} without a reason.` };
  }
}

/** Not crypto.randomUUID, which plain http to another host does not have. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (octet) => octet.toString(16).padStart(2, '0')).join('');
}

async function json(method, where, given) {
  const response = await send(method, where, given);
  return response.status === 204 || response.headers.get('Content-Length') === '0' ? null : response.json().catch(() => null);
}

export const get = (where, given) => json('GET', where, given);
export const post = (where, body, given) => json('POST', where, { body, ...given });
export const putTo = (where, body, given) => json('PUT', where, { body, ...given });
export const remove = (where, given) => json('DELETE', where, given);

/** The items of a list, whether it comes in pages or as it is. */
export const items = (answer) => (Array.isArray(answer) ? answer : (answer?.items ?? []));

/** As many as the server gives at once. */
export const PAGE = 1_000;

/** All pages of a short list. */
export async function all(base, parameters = {}, { signal, most = 20 } = {}) {
  const found = [];
  let after = null;
  for (let page = 0; page < most; page++) {
    const answer = await get(query(base, { limit: PAGE, ...parameters, after }), { signal });
    found.push(...items(answer));
    after = answer?.next ?? null;
    if (after === null || after === '') {
      break;
    }
  }
  return found;
}
