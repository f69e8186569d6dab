/**
 * From an upstream's octets to an answer that may be cached, pinned and handed on. In comes one
 * message that the upstream's gate has matched to its query; out goes a rendered {@link
 * io.sallyport.resolver.answer.Answer}, or that the upstream failed, or that the message is
 * discarded whole.
 *
 * <pre>
 * octets ─▶ Message (strict, bounded) ─▶ Chain (only what the question leads to) ─▶ Sieve (addresses, hints) ─▶ BodyWriter
 * </pre>
 *
 * <p>Work is linear in the message's length and every name, pointer and record is counted: the
 * sender is hostile. Nothing that was not understood is passed on, and nothing that was not asked
 * for.
 */
@NullMarked
package io.sallyport.resolver.check;

import org.jspecify.annotations.NullMarked;
