/**
 * The kernel side of Sallyport. {@code script} renders rules as text that a person can read and
 * run, {@code apply} feeds them to the kernel, {@code netlink} writes pins in microseconds, {@code
 * conntrack} cuts flows, {@code firewall} joins them: a binding goes in whole, is watched, and
 * comes out without a trace. A packet of a sandbox meets its rules in this order: raw (whose is it,
 * is it a DNS query, is it too many), nat (queries to other servers are redirected), filter (to the
 * host: the resolver only; beyond: what is pinned; back in: replies only).
 *
 * <p>Nothing here knows DNS, organisations or sessions.
 */
@NullMarked
package io.sallyport.iptables;

import org.jspecify.annotations.NullMarked;
