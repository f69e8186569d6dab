/**
 * Connections to one server, over TCP or TLS, each carrying many queries at once (RFC 7766, RFC
 * 7858). In comes a query's octets, out goes the message that answers them, or how they were lost.
 *
 * <pre>
 * Call ─▶ Streams ─▶ Pool of this event loop ─▶ Connection ─▶ [TLS] ─▶ server
 *                                                  ▲ calls in flight, by id
 *                                Framing ─▶ message ┘
 * </pre>
 *
 * <p>Nothing leaves before a connection stands and, with TLS, has proven who it leads to.
 */
@NullMarked
package io.sallyport.resolver.upstream.stream;

import org.jspecify.annotations.NullMarked;
