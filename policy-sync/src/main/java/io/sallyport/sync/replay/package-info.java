/**
 * Requests that may be sent twice. In: whose request it is, the key they gave it, a digest of it,
 * and how to carry it out. Out: its result, or what was answered the first time, so that a change
 * whose answer was lost is not made twice; change and answer are one change of the store. What was
 * answered is kept for a day; a body with a secret is never given here.
 */
@NullMarked
package io.sallyport.sync.replay;

import org.jspecify.annotations.NullMarked;
