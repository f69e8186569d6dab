/**
 * The control server: settings, tokens, audit and what nodes reported, over HTTP.
 *
 * <pre>
 * request ─▶ Gate: too many? ─▶ Target: which endpoint? ─▶ whose token? ─▶ access? ─▶ body, within bounds
 *         ─▶ the endpoint's routes ─▶ Reply, or a Problem (RFC 9457)
 * </pre>
 *
 * <p>Nothing of a body is read before its sender is known and may do what is asked. Every error is
 * a problem document with a sentence; a secret is shown once, to whom it was made for, and never
 * written to a log. State is in the store alone, so that several servers may stand on one database.
 */
@NullMarked
package io.sallyport.sync.control;

import org.jspecify.annotations.NullMarked;
