/**
 * Whose session each pod of this node gets.
 *
 * <pre>
 * watch of the node's pods ─▶ Sightings: who is there, what each says
 * CNI ADD ─▶ born: seen? says an org? ─▶ session in force ─▶ the pod starts     (says none: it waits, everything denied)
 * a label comes later (a warm pool's claim) ─▶ session on the network that waits
 * gone, or not in the list any more ─▶ session and network end
 * </pre>
 *
 * <p>A pod is its uid: a later one of the same name, address or interface has another network and
 * has nothing of it. A session keeps its org whatever the pod says later. While the cluster's API
 * does not answer nothing begins and nothing ends.
 */
@NullMarked
package io.sallyport.sync.pods;

import org.jspecify.annotations.NullMarked;
