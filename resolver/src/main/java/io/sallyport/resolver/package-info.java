/**
 * The DNS server. Follow one query to know it all:
 *
 * <pre>
 *   socket ─▶ {@link io.sallyport.resolver.listen listen}    a batch of datagrams, or a message of a stream
 *          ─▶ {@link io.sallyport.resolver.journey journey}   the whole way, one method, each refusal an early return
 *               ─▶ {@link io.sallyport.resolver.network network}   whose address is this? which binding holds now?
 *               ─▶ {@link io.sallyport.resolver.budget budget}    may its network ask so much, and let new names out?
 *               ─▶ {@link io.sallyport.resolver.query query}     is it a question at all? (strict, allocates nothing)
 *               ─▶ {@link io.sallyport.resolver.policy policy}    allow or deny, and why
 *               ─▶ {@link io.sallyport.resolver.special special}   names that no upstream may see
 *               ─▶ {@link io.sallyport.resolver.pointer pointer}   of those, the names of addresses that were answered before
 *               ─▶ {@link io.sallyport.resolver.front front}     what everybody asks, without a lock
 *               ─▶ {@link io.sallyport.resolver.lookup lookup}    cache, questions in flight, upstreams, checks
 *               ─▶ {@link io.sallyport.resolver.pin pin}       the kernel acknowledges every address
 *               ─▶ {@link io.sallyport.resolver.reply reply}     the octets, and the last look at each address
 *          ─▶ {@link io.sallyport.resolver.querylog querylog}  what is written down of it, if anybody wants that
 * </pre>
 *
 * Two things hold on every path: an address leaves only after its pin, and deny is what happens
 * when nothing happens. This module knows nothing of organisations, sessions, HTTP and iptables: a
 * network is addresses, a policy and a {@link io.sallyport.resolver.pin.Pinner}.
 */
@NullMarked
package io.sallyport.resolver;

import org.jspecify.annotations.NullMarked;
