/**
 * Which addresses an answer may hold at all. In comes an address, out goes yes or no; nothing is
 * looked up, and nothing is allocated for public names.
 *
 * <p>Three kinds: public addresses pass, private ones pass for an internal domain that names their
 * block, and what leads to the machine itself, to its link or to a cloud's metadata never passes,
 * whatever is configured.
 */
@NullMarked
package io.sallyport.resolver.filter;

import org.jspecify.annotations.NullMarked;
