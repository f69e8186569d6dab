/** Patterns as people write them, made canonical once; everything after works on them only. */
@NullMarked
package io.sallyport.resolver.pattern;

import org.jspecify.annotations.NullMarked;
