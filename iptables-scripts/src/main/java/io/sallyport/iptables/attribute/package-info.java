/**
 * What netlink messages are made of. In: numbers, words, octets. Out: a block of attributes, or one
 * attribute of a block that the kernel sent. Knows nothing of what they mean.
 */
@NullMarked
package io.sallyport.iptables.attribute;

import org.jspecify.annotations.NullMarked;
