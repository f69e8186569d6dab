@NullMarked
package io.sallyport.resolver;

import org.jspecify.annotations.NullMarked;
