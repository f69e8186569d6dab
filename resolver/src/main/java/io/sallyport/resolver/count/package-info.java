/**
 * Everything that the DNS server counts, in one place. Labels are closed sets: never a name, a
 * client or a session.
 */
@NullMarked
package io.sallyport.resolver.count;

import org.jspecify.annotations.NullMarked;
