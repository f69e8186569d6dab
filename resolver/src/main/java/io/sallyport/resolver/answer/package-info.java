/** Checked answers, ready to be written for any client. */
@NullMarked
package io.sallyport.resolver.answer;

import org.jspecify.annotations.NullMarked;
