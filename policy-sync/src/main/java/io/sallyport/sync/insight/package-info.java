/**
 * What recorded traffic says about an org's settings: what a change would have meant, and which
 * list would be the smallest.
 *
 * <p>In: an org and a while. Out: an impact or a proposal, with the emergency denials that are in
 * force left denied. The same for the API and for commands on the store itself.
 */
@NullMarked
package io.sallyport.sync.insight;

import org.jspecify.annotations.NullMarked;
