/**
 * What a change of settings would have meant for names that were asked for.
 *
 * <p>In: settings as they are and as they would be, and recorded traffic. Both settings become the
 * very policies that sessions get. Out: {@link io.sallyport.sync.impact.Impact}, the names whose
 * verdict differs. Stores nothing, changes nothing.
 */
@NullMarked
package io.sallyport.sync.impact;

import org.jspecify.annotations.NullMarked;
