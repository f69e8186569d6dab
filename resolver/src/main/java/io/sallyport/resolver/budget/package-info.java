/**
 * What one network may take from the others, and what it may carry out by names.
 *
 * <pre>
 * query ─▶ queries a second ─▶ … cache … ─▶ new names below a pattern ─▶ upstream queries a second ─▶ questions in flight ─▶ upstream
 * </pre>
 *
 * <p>In: what a network is about to spend, and the time. Out: yes, or what to say instead, and an
 * {@link io.sallyport.resolver.budget.Budget.Event} once a minute. Every budget is one network's
 * own, so nobody spends another's; nothing lifts one, a DNS cookie neither: the client is the
 * adversary, and that it is who it says is no reason to serve a flood. Takes no lock and allocates
 * nothing for a query that is answered from the cache.
 */
@NullMarked
package io.sallyport.resolver.budget;

import org.jspecify.annotations.NullMarked;
