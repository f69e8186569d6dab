@NullMarked
package io.sallyport.iptables;

import org.jspecify.annotations.NullMarked;
