/**
 * Speaks netlink to netfilter: adds set entries, dumps and deletes tracked flows. Knows no rules.
 */
@NullMarked
package io.sallyport.iptables.netlink;

import org.jspecify.annotations.NullMarked;
