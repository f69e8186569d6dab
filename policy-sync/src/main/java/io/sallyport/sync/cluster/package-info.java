/**
 * The API of a Kubernetes cluster, as far as a node needs it.
 *
 * <pre>
 * list of the pods of one node ─▶ version ─▶ watch from there on ─▶ changes … ─▶ {@code Expired}: list again
 * one node's taints: read ─▶ patch, guarded by the version that was read
 * </pre>
 *
 * <p>A client of our own for four requests: a general one costs 65 MB resident and a second of CPU
 * more at its start, on each node, for the same list and watch. Of pods only their metadata is
 * asked for, and of those what the node reads is kept. Every answer and line is bounded; where
 * tenants write much into their pods, shorter lists are asked for.
 */
@NullMarked
package io.sallyport.sync.cluster;

import org.jspecify.annotations.NullMarked;
