/**
 * Our place in the chain of CNI plugins that a container runtime calls.
 *
 * <pre>
 * the runtime's directory: first configuration ─▶ are we in it? ─ yes ─▶ report
 *                                                      └─ no ─▶ a new file with us as the last, renamed over it ─▶ report
 * </pre>
 *
 * <p>In: the files of the primary plugin, which may rewrite them at any time. Out: the same with
 * our plugin behind, never half of it. Of several installers the one that started last decides what
 * our entry says; the others only put back what is missing. Needs no capability: the right to write
 * into two directories is all.
 */
@NullMarked
package io.sallyport.sync.chain;

import org.jspecify.annotations.NullMarked;
