/**
 * Requests that may be sent twice. In: whose request it is, the key they gave it, a digest of it.
 * Out: that it is new, or what was answered the first time, so that a change whose answer was lost
 * is not made twice. What was answered is kept for a day; a body with a secret is never given here.
 */
@NullMarked
package io.sallyport.sync.replay;

import org.jspecify.annotations.NullMarked;
