/**
 * The birth and the end of containers, as their runtime tells it by way of the CNI plugin.
 *
 * <pre>
 * runtime ─▶ primary plugin ─▶ sallyport-cni ─▶ cni.sock ─▶ call ─▶ whose cable? ─▶ network, closed
 *                                                                     ─▶ whose session? ─▶ result, or an error
 * </pre>
 *
 * <p>In: one call, with what the plugins before answered. Out: the same result with our name
 * server, once the network is in force; an error in all other cases, with nothing left behind. An
 * attachment's id is made of the network's name, the container and the interface, so that a call
 * that comes too late names nothing that is there.
 */
@NullMarked
package io.sallyport.sync.cni;

import org.jspecify.annotations.NullMarked;
