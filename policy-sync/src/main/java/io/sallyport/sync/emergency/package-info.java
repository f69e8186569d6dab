/**
 * Names that are denied at once, in running sessions too, by the platform or by an org. In: lists
 * as the control server sends them. Out: what of them concerns an org; the same list after a
 * restart. Puts nothing in force itself.
 */
@NullMarked
package io.sallyport.sync.emergency;

import org.jspecify.annotations.NullMarked;
