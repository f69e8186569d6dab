/**
 * JSON and YAML as a tree of values that know where they stand.
 *
 * <p>In: text from a file, a database or a stranger. Out: a {@link
 * io.sallyport.sync.document.Document} whose reader asks for exactly the keys it knows, so that an
 * unknown, repeated or mistyped one is an error with a line and a path. Size, depth and the number
 * of values are bounded. The other way round, {@code canonical} writes the one text that a value
 * has. No classes are bound by reflection: that costs a fifth of a second at start and accepts what
 * it should refuse.
 */
@NullMarked
package io.sallyport.sync.document;

import org.jspecify.annotations.NullMarked;
