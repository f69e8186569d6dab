/** What the bench writes, by value, and that its servers answer right. */
@NullMarked
package io.sallyport.sync.bench;

import org.jspecify.annotations.NullMarked;
