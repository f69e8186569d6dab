/**
 * Names that no upstream may ever see: reserved for this host, this link, documentation or nobody.
 *
 * <p>In: an allowed name. Out: whether it is answered here. RFC 6761, 6762, 6303, 7686, 8375, 8880,
 * 9462, 9476, and the reverse zones whole, because a reverse name carries whatever octets a sandbox
 * writes into it; what little is said there comes from {@link io.sallyport.resolver.pointer
 * pointer}.
 */
@NullMarked
package io.sallyport.resolver.special;

import org.jspecify.annotations.NullMarked;
