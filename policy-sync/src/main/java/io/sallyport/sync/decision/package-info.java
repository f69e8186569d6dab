/**
 * What nodes report that sandboxes asked for.
 *
 * <p>In: batches of names with a verdict and a count, from nodes that are trusted to report and not
 * to be right: what a hostile sandbox asks for is text of its choice. Out: what was denied, by
 * registrable domain; counts over time; the names of a while; what was observed. Bounded by days,
 * by names of a session a day and by rows of an org; what goes over is counted, not kept.
 */
@NullMarked
package io.sallyport.sync.decision;

import org.jspecify.annotations.NullMarked;
