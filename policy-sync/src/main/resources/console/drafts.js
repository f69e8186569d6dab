/** What was changed and not saved yet, by organisation. It lives in this tab: over another page, a reload and a new sign-in. */
const PREFIX = 'sallyport-draft:';

export function draftOf(org) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + org));
    return kept && typeof kept === 'object' ? kept : {};
  } catch {
    return {};
  }
}

export function keepDraft(org, draft) {
  try {
    if (Object.keys(draft).length === 0) {
      sessionStorage.removeItem(PREFIX + org);
    } else {
      sessionStorage.setItem(PREFIX + org, JSON.stringify(draft));
    }
  } catch {
    // Storage may be closed or full; then it lasts as long as the page.
  }
}

/** Whoever signs in next begins anew. */
export function forgetDrafts() {
  try {
    Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => sessionStorage.removeItem(key));
  } catch {
    // Then there are none.
  }
}
