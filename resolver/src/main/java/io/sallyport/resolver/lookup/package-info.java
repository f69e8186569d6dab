/**
 * From a question that policy has allowed to a checked answer.
 *
 * <pre>
 * Question ─▶ fresh in the cache? ─▶ in flight already? ─▶ Upstreams ─▶ cache ─▶ everyone who waits, each on its own loop
 * </pre>
 *
 * <p>An answer whose time is over is told when the upstreams fail or take 1.8 s (RFC 8767), as an
 * answer like any other: whoever tells it pins its addresses again. A popular answer is asked for
 * again before its time is over.
 *
 * <p>Never knows who asks. Whatever happens, each asker is called exactly once: with the answer, or
 * with SERVFAIL.
 */
@NullMarked
package io.sallyport.resolver.lookup;

import org.jspecify.annotations.NullMarked;
