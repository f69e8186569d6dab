/**
 * The compiled policy: a verdict for a name, with the reason.
 *
 * <p>In: {@link io.sallyport.resolver.policy.Policy.Rules}, once a snapshot. Out: allow or deny, in
 * this order: internet off, the organisation's deny list, the platform's emergency list, the
 * built-in list of public resolvers, level "all", the allow list; else deny. Names are compared as
 * wire octets through hashes of their suffixes, so the cost does not grow with the number of
 * patterns, and a judgement allocates nothing. Knows no sessions, no organisations, no packets.
 */
@NullMarked
package io.sallyport.resolver.policy;

import org.jspecify.annotations.NullMarked;
