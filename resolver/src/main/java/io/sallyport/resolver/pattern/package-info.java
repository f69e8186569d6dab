/**
 * Patterns as people write them, made canonical once; everything after works on them only.
 *
 * <p>In: a line typed into a console, a flag or a file. Out: a {@link
 * io.sallyport.resolver.pattern.DomainPattern}, or a sentence that says what to type instead. The
 * tables of international names and of public suffixes are loaded when a name first needs them.
 * Never decides about a query.
 */
@NullMarked
package io.sallyport.resolver.pattern;

import org.jspecify.annotations.NullMarked;
