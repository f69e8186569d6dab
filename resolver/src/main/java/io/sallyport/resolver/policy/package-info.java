/** The compiled policy. In: rules. Out: a verdict for a name. Knows no sessions, no organisations, no packets. */
@NullMarked
package io.sallyport.resolver.policy;

import org.jspecify.annotations.NullMarked;
