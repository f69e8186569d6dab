/** Blocks of addresses, and those that no sandbox may reach. */
@NullMarked
package io.sallyport.iptables.block;

import org.jspecify.annotations.NullMarked;
