/** Which addresses an answer may hold at all. */
@NullMarked
package io.sallyport.resolver.filter;

import org.jspecify.annotations.NullMarked;
