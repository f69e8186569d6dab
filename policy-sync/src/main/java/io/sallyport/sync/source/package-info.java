/**
 * Where policies come from: the embedded store or a YAML file. In: an org. Out: a snapshot, or the
 * reason why not.
 */
@NullMarked
package io.sallyport.sync.source;

import org.jspecify.annotations.NullMarked;
