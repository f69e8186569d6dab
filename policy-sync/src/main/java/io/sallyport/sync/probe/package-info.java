/**
 * The view from inside a sandbox: tries every known way out and says of each whether it is blocked
 * or open.
 *
 * <p>In: an allowed name as the control, a denied name, addresses that no name was resolved for.
 * Out: one finding a way. A way is open only on positive evidence (a connection, an answer, a reply
 * of the target itself); refusal and silence mean blocked; what needs a privilege that is not
 * there, or cannot be seen from inside, is unknown. Sends a few packets a way (the tunnel some
 * hundred, and only if asked to), and leaves nothing behind.
 */
@NullMarked
package io.sallyport.sync.probe;

import org.jspecify.annotations.NullMarked;
