/**
 * The way back: which name was asked when a network was given this address?
 *
 * <p>In: answers as they leave to one binding, and reverse names as its clients ask them. Out: the
 * name that was asked, while the address is pinned, or nothing. A binding sees its own answers only
 * and forgets them when it ends. Never decides whether a client may ask, never asks anybody.
 */
@NullMarked
package io.sallyport.resolver.pointer;

import org.jspecify.annotations.NullMarked;
