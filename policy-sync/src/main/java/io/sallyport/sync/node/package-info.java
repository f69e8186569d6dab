/**
 * One node: the resolver, the firewall and the sessions of a host, with the socket by which they
 * are told and the port on which they are watched. Started in the order in which a failure leaves
 * everything closed: standing drop, journal, resolver, socket.
 */
@NullMarked
package io.sallyport.sync.node;

import org.jspecify.annotations.NullMarked;
