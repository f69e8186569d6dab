/** Addresses and blocks of addresses as values. */
@NullMarked
package io.sallyport.resolver.address;

import org.jspecify.annotations.NullMarked;
