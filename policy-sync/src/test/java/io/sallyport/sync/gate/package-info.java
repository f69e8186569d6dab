/**
 * The whole thing on real packets: a node in its own process, sandboxes and an internet in
 * namespaces. Every gate that is closed after a test has let no answer out without its pin.
 */
@NullMarked
package io.sallyport.sync.gate;

import org.jspecify.annotations.NullMarked;
