/**
 * The DNS server alone, on a static policy: no root, no sessions, no firewall.
 *
 * <p>In: flags. Out: a running resolver, until the process is asked to stop.
 */
@NullMarked
package io.sallyport.resolver.standalone;

import org.jspecify.annotations.NullMarked;
