/**
 * How one process becomes the node of a data directory, and how it hands that on.
 *
 * <p>One at a time has the {@link io.sallyport.sync.handover.Turn turn}: the lock, and with it the
 * journal, the kernel's rules, reports and the API. Whoever wants it takes it if it is free, asks
 * the process that has it to hand over, or stands by until that one dies. The bound sockets
 * themselves go from process to process over a Unix socket, so that what waits in them is read by
 * whoever is next; sockets that only shared the port would lose it with the one that closes.
 */
@NullMarked
package io.sallyport.sync.handover;

import org.jspecify.annotations.NullMarked;
