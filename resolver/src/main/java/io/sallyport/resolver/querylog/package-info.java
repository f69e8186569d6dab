/**
 * The query log, where an operator wants one: which client asked for which name, and what it was
 * told.
 *
 * <pre>
 * event loop ─▶ Pen: wanted? ─▶ a bounded queue, or counted as dropped ─▶ Scribe, a thread of its own
 *            ─▶ JsonLines or Dnstap ─▶ LogFile, or LogSocket
 * </pre>
 *
 * <p>No query waits for it and none fails by it: what cannot be queued or written is dropped and
 * counted. Nothing of it exists while it is off.
 */
@NullMarked
package io.sallyport.resolver.querylog;

import org.jspecify.annotations.NullMarked;
