/**
 * Where the resolver and the firewall meet, so that neither needs to know the other: a snapshot
 * becomes names on one side and rules on the other, and the pins of the one become answers of the
 * other.
 */
@NullMarked
package io.sallyport.sync.enforcement;

import org.jspecify.annotations.NullMarked;
