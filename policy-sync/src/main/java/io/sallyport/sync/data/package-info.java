/** The directory in which everything of one installation lives. */
@NullMarked
package io.sallyport.sync.data;

import org.jspecify.annotations.NullMarked;
