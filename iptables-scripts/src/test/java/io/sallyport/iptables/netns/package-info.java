/** Real network namespaces for tests, of this module and of those that use it. */
@NullMarked
package io.sallyport.iptables.netns;

import org.jspecify.annotations.NullMarked;
