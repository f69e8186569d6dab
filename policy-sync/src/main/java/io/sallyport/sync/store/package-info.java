/**
 * Orgs, their settings and their agents on this host: {@code DIR/sallyport.db}.
 *
 * <p>A change reads the current settings, applies edits, and writes the next version, in one
 * transaction that takes the write lock first; so several processes may work at once and no version
 * is ever overwritten. Nothing is updated in place: the newest row is what counts, and the older
 * ones are the history. The SQL is the common part of SQLite and PostgreSQL, beside the method that
 * runs it. Plain JDBC, because a command line opens it each time: that takes 0.2 s (most of it to
 * load the driver), and a pool with a migrator about 0.4 s more.
 */
@NullMarked
package io.sallyport.sync.store;

import org.jspecify.annotations.NullMarked;
