/**
 * What a client sent, read once by a strict gate of our own before anything else looks at it.
 *
 * <p>In: the octets of one message. Out: a {@link io.sallyport.resolver.query.Query}, or the one
 * answer that its fault deserves (silence, a bare header, a refusal). Only what the query holds
 * goes further: no octet of the packet does. Decides nothing about names, never throws for a
 * packet.
 */
@NullMarked
package io.sallyport.resolver.query;

import org.jspecify.annotations.NullMarked;
