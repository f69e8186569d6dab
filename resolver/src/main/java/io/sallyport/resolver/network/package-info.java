/**
 * Client address to network: whose packet is this, what holds for it, and what was it denied?
 *
 * <p>In: networks as sessions come and go. Out: for an address, the one binding that holds at this
 * moment, or none: then the client is a stranger. Readers see an immutable table behind one
 * volatile field and take no lock. Never decides about a name.
 */
@NullMarked
package io.sallyport.resolver.network;

import org.jspecify.annotations.NullMarked;
