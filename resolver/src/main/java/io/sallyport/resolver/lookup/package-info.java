/**
 * From a question that policy has allowed to a checked answer.
 *
 * <pre>
 * Question ─▶ fresh in the cache? ─▶ in flight already? ─▶ Upstreams ─▶ cache ─▶ everyone who waits, each on its own loop
 * </pre>
 *
 * <p>Never knows who asks. Whatever happens, each asker is called exactly once: with the answer, or
 * with SERVFAIL.
 */
@NullMarked
package io.sallyport.resolver.lookup;

import org.jspecify.annotations.NullMarked;
