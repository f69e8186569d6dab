/** Cuts tracked flows, so that an address which changes hands inherits none. */
@NullMarked
package io.sallyport.iptables.conntrack;

import org.jspecify.annotations.NullMarked;
