/**
 * A sandbox network that is attached to a node, and where it is in its life:
 *
 * <pre>
 * attach ─▶ pending (deny all) ─▶ bound (a snapshot) ─▶ ended
 *                 ▲                      │
 *                 └── a kept network ────┘  with another binding: nothing of the old one serves it
 * </pre>
 *
 * <p>A pod's network goes round once: whose session was ended gets no other.
 *
 * <p>Values only: what a step does to journal, kernel and resolver is {@code session}'s. A step
 * that the life does not know cannot be written.
 */
@NullMarked
package io.sallyport.sync.network;

import org.jspecify.annotations.NullMarked;
