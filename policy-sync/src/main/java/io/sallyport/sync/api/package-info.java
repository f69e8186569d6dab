/**
 * How a node is told and watched: {@code node.sock} (mode 0600, so root and whoever root lets) for
 * sessions, networks and rules; a TCP port for metrics and health. Bodies are JSON, errors are
 * problems (RFC 9457) with the field to blame.
 */
@NullMarked
package io.sallyport.sync.api;

import org.jspecify.annotations.NullMarked;
