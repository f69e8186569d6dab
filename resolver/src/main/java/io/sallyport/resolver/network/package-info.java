/** Client address to network: whose packet is this, and what holds for it? */
@NullMarked
package io.sallyport.resolver.network;

import org.jspecify.annotations.NullMarked;
