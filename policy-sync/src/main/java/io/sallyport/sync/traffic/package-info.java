/**
 * The names that sandboxes asked for, as they were recorded.
 *
 * <p>In: names with their counts and times, from whoever recorded them; a sandbox chose every one
 * of them. Out: {@link io.sallyport.sync.traffic.Traffic}, each host name once, and what is no host
 * name set apart, so that a name that was asked for can never be read as a pattern.
 */
@NullMarked
package io.sallyport.sync.traffic;

import org.jspecify.annotations.NullMarked;
