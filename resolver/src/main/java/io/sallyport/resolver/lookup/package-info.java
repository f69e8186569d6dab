/** Cache, questions in flight, upstreams: from an allowed question to a checked answer. */
@NullMarked
package io.sallyport.resolver.lookup;

import org.jspecify.annotations.NullMarked;
