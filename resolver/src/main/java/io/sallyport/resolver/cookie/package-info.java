/**
 * DNS cookies for clients that send them (RFC 7873, RFC 9018). In: the option of a query, and who
 * sent it. Out: the 24 octets of the option that goes back.
 *
 * <p>A cookie buys its client one thing: an answer that was forged off the path does not carry it.
 * It lifts no budget, because here the client is the adversary and a cookie only shows that it is
 * where it says, which the firewall knows already; and so nobody is refused for a wrong one
 * (BADCOOKIE is never sent): it gets a right one with its answer. No cookie goes to an upstream.
 */
@NullMarked
package io.sallyport.resolver.cookie;

import org.jspecify.annotations.NullMarked;
