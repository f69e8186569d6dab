/**
 * Sockets: UDP in batches, TCP by RFC 7766, on one event loop a thread.
 *
 * <p>In: datagrams and byte streams from clients. Out: the replies of each loop's {@link
 * io.sallyport.resolver.journey.Journey}. Everything a client can make grow here has a bound and a
 * clock. Never looks into a message.
 */
@NullMarked
package io.sallyport.resolver.listen;

import org.jspecify.annotations.NullMarked;
