/** Ports for servers of tests. */
@NullMarked
package io.sallyport.sync.port;

import org.jspecify.annotations.NullMarked;
