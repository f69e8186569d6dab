/**
 * Sessions for networks and containers of a Docker engine.
 *
 * <pre>
 * engine: what there is ─▶ places (bridge, addresses), whose (labels) ─▶ node: closed first, then its session
 * engine: something was made, started, stopped or removed ─▶ look again at all of it
 * </pre>
 *
 * <p>In: the engine's API, over its Unix socket, whose answers are bounded. Out: networks and
 * sessions of the node, by its API; their ids start with {@code docker-} and name the engine's own,
 * so that nothing has to be remembered here: after any restart, what there is on both sides is
 * compared. Touches no rule, address or setting of Docker's.
 */
@NullMarked
package io.sallyport.sync.docker;

import org.jspecify.annotations.NullMarked;
