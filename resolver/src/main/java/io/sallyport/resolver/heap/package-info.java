/**
 * Memory of the process that a server is: the collector that suits it best would let garbage fill
 * all that it may have before it looks through what is kept.
 */
@NullMarked
package io.sallyport.resolver.heap;

import org.jspecify.annotations.NullMarked;
