/**
 * The host as this program needs to see and change it: interfaces, addresses, forwarding, name
 * servers. Every change goes through {@code ip} or a file below {@code /proc/sys} and is written
 * down by the caller before it is made.
 */
@NullMarked
package io.sallyport.sync.host;

import org.jspecify.annotations.NullMarked;
