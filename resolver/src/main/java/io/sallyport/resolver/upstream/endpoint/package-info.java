/**
 * Where a server that recurses is, and how it proves who it is. In comes the text of an option or a
 * file, out goes an {@link io.sallyport.resolver.upstream.endpoint.Endpoint} or a sentence that
 * says what to write instead.
 */
@NullMarked
package io.sallyport.resolver.upstream.endpoint;

import org.jspecify.annotations.NullMarked;
