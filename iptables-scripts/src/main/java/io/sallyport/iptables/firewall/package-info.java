/**
 * The kernel side of one installation on one host: what is in force, how it gets there, how it is
 * undone.
 */
@NullMarked
package io.sallyport.iptables.firewall;

import org.jspecify.annotations.NullMarked;
