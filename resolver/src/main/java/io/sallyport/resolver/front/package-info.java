/**
 * The few answers that are asked for all the time, before everything that is shared.
 *
 * <p>In: the flyweight of a query that policy has allowed. Out: its name and answer, without a lock
 * and without allocating. Holds nothing that the shared cache did not give out, and nothing beyond
 * its TTL.
 */
@NullMarked
package io.sallyport.resolver.front;

import org.jspecify.annotations.NullMarked;
