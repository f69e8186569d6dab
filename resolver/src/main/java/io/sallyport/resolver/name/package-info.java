/** Names as octets: the only form in which names are compared. */
@NullMarked
package io.sallyport.resolver.name;

import org.jspecify.annotations.NullMarked;
