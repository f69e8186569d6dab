/**
 * How often one caller may ask.
 *
 * <pre>
 * who asks (an address, a token's number) ─▶ take ─▶ 0, or the seconds until it is worth asking again
 * </pre>
 *
 * <p>A bucket of tokens for each key, in a map that never grows past its bound: callers that cannot
 * be kept apart any more share one bucket, so making up keys gains nothing. Keys are never secrets.
 * It decides; saying 429 is its caller's.
 */
@NullMarked
package io.sallyport.sync.limit;

import org.jspecify.annotations.NullMarked;
