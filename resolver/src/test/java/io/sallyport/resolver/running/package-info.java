/** The whole resolver on real sockets, between clients and upstreams that mean harm. */
@NullMarked
package io.sallyport.resolver.running;

import org.jspecify.annotations.NullMarked;
