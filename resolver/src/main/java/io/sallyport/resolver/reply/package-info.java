/**
 * Answers as octets, for one client.
 *
 * <p>In: a query, and what is to be said: a refusal, a denial, or a checked {@link
 * io.sallyport.resolver.answer.Answer} whose addresses have been pinned. Out: one buffer, ready to
 * be sent, never larger than the client can take. The last look at every address happens here: one
 * that was not pinned does not leave. Decides nothing about names.
 */
@NullMarked
package io.sallyport.resolver.reply;

import org.jspecify.annotations.NullMarked;
