/**
 * Why a name is allowed or denied, and what to do about it.
 *
 * <p>In: a snapshot and a name. Out: the verdict that the resolver would give, the entry that
 * decides and where it comes from, and the exact commands that would change it. Changes nothing
 * itself.
 */
@NullMarked
package io.sallyport.sync.explain;

import org.jspecify.annotations.NullMarked;
