/**
 * One command in a throw-away sandbox network: {@code sallyport run}. Firewall first, then the
 * namespace and its link, then the resolver, then the command; afterwards what was denied is told
 * and everything is taken down. What a crash left is written in a directory below {@code
 * /run/sallyport} and undone by the next start.
 */
@NullMarked
package io.sallyport.sync.sandbox;

import org.jspecify.annotations.NullMarked;
