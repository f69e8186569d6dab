/**
 * Where policies come from: the embedded store, a YAML file or a server. In: an org. Out: a
 * snapshot, or the reason why not.
 */
@NullMarked
package io.sallyport.sync.source;

import org.jspecify.annotations.NullMarked;
