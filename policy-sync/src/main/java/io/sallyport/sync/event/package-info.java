/**
 * What the resolver tells of, kept for whoever has to look into it: {@code events.jsonl} in the
 * installation's directory, and a warning in the log. In: events, from event loops, which never
 * wait. Out: one JSON document a line. What comes faster than it can be written is counted.
 */
@NullMarked
package io.sallyport.sync.event;

import org.jspecify.annotations.NullMarked;
