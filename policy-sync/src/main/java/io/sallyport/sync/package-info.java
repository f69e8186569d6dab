@NullMarked
package io.sallyport.sync;

import org.jspecify.annotations.NullMarked;
