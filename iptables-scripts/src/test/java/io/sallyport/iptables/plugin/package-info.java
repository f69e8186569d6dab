/** The CNI plugin, a C program. */
@NullMarked
package io.sallyport.iptables.plugin;

import org.jspecify.annotations.NullMarked;
