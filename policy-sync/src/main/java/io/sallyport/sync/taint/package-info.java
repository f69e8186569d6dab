/**
 * The taint by which the scheduler keeps sandboxes away from a node that cannot guard them yet:
 * {@code sallyport.io/not-ready:NoSchedule}. In: what keeps the node from being ready. Out: the
 * taint is there or not; other taints are never touched. That it cannot be changed is counted and
 * told, and stops nothing: rules hold whatever the scheduler does.
 */
@NullMarked
package io.sallyport.sync.taint;

import org.jspecify.annotations.NullMarked;
