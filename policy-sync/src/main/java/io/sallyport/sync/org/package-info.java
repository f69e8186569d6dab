/**
 * Orgs, their settings and their agents.
 *
 * <p>A change reads the current settings, applies edits, and writes the next version and its audit
 * row, in one transaction that waits for its turn first; so several processes may work at once and
 * no version is ever overwritten. Nothing is updated in place: the newest row is what counts, and
 * the older ones are the history.
 */
@NullMarked
package io.sallyport.sync.org;

import org.jspecify.annotations.NullMarked;
