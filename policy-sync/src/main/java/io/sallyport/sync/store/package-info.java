/**
 * Orgs, their settings and their agents on this host: {@code DIR/sallyport.db}.
 *
 * <p>A change reads the current settings, applies edits, and writes the next version, in one
 * transaction that takes the write lock first; so several processes may work at once and no version
 * is ever overwritten. Nothing is updated in place: the newest row is what counts, and the older
 * ones are the history. The SQL is the common part of SQLite and PostgreSQL, beside the method that
 * runs it. Plain JDBC, because a command line starts it each time: the usual pool, mapper and
 * migrator took 0.4 to 0.6 s more to start than the 0.03 s that this takes.
 */
@NullMarked
package io.sallyport.sync.store;

import org.jspecify.annotations.NullMarked;
