/**
 * So much a second and so much at once, for whoever has to share something. In: the time. Out:
 * whether there is one more. Never waits.
 */
@NullMarked
package io.sallyport.resolver.rate;

import org.jspecify.annotations.NullMarked;
