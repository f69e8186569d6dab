/**
 * Runs iptables, ip6tables and ipset: text in on standard input, text out, an exception that names
 * the line. No shell.
 */
@NullMarked
package io.sallyport.iptables.apply;

import org.jspecify.annotations.NullMarked;
