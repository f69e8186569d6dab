/**
 * The client's end of the control API, for commands that work on another host's settings.
 *
 * <p>In: a path and a JSON body. Out: the JSON that came back, or the server's own sentence why
 * not. The token is read from a file, goes nowhere but into the header of requests to that one
 * server, over TLS or to this host itself; redirects are not followed. Answers are bounded.
 */
@NullMarked
package io.sallyport.sync.remote;

import org.jspecify.annotations.NullMarked;
