/** The one interface to whoever enforces: an address leaves in an answer only after its pin. */
@NullMarked
package io.sallyport.resolver.pin;

import org.jspecify.annotations.NullMarked;
