/**
 * The way from a node to a control server or a cluster's API: HTTPS, a token from a file, and an
 * end to everything. In: a path and perhaps a body. Out: the answer as it came, or line by line, or
 * why there is none, within the time that the caller gives. Follows no redirection, uses no proxy,
 * shows the token to nobody.
 */
@NullMarked
package io.sallyport.sync.uplink;

import org.jspecify.annotations.NullMarked;
