/**
 * {@code sallyport bench}: this resolver, a bare reflector and six other servers side by side, on
 * one machine, in one run.
 *
 * <p>In: which workloads, which servers, how long. {@link io.sallyport.sync.bench.Bench} goes
 * through the workloads; a {@code Lab} starts processes on the core they belong to; a {@code Peer}
 * knows how each server is started with the same allow-list; {@code Contest} lets them take turns,
 * so that what happens to the machine happens to all. Out: a table a workload, JSON, a chart.
 *
 * <p>Everything lives in a network and process namespace that the launcher made and that ends with
 * the program, however it ends. Nothing leaves the machine. A server that answers wrong has no
 * number.
 */
@NullMarked
package io.sallyport.sync.bench;

import org.jspecify.annotations.NullMarked;
