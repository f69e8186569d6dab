/**
 * A keyed hash: names and cookies whose hashes nobody outside can foresee. In: octets that a client
 * chose. Out: 64 bits. Knows nothing of what it hashes.
 */
@NullMarked
package io.sallyport.resolver.hash;

import org.jspecify.annotations.NullMarked;
