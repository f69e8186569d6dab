/** The frozen policy of a session: canonical JSON, its digest, and what it compiles to. */
@NullMarked
package io.sallyport.sync.snapshot;

import org.jspecify.annotations.NullMarked;
