/**
 * One query's life, top to bottom.
 *
 * <p>network → its budget → gate → recursion → policy → special-use names, reverse names of what
 * was answered → type → cache, or budget and upstream → pin → answer. In: one message and who sent
 * it. Out: exactly one answer, or silence. Each refusal is one early return; whatever goes wrong on
 * the way ends in no answer or in a refusal. Knows no sockets.
 */
@NullMarked
package io.sallyport.resolver.journey;

import org.jspecify.annotations.NullMarked;
