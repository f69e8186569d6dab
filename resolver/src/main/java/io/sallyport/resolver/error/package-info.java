/**
 * Extended DNS errors (RFC 8914): what goes with an answer to say why, for a person or a program
 * that can act on it. Made once and written many times. The text never holds a name or any other
 * octet that a client sent.
 */
@NullMarked
package io.sallyport.resolver.error;

import org.jspecify.annotations.NullMarked;
