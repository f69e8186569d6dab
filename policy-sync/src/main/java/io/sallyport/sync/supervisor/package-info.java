/**
 * The service manager that started this process, where one waits to be told (sd_notify of systemd).
 * In: what {@code NOTIFY_SOCKET} says. Out: datagrams. Where nobody waits, nothing is said.
 */
@NullMarked
package io.sallyport.sync.supervisor;

import org.jspecify.annotations.NullMarked;
