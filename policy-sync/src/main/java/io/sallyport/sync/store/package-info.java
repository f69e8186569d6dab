/**
 * The database below settings, audit, tokens and reports: an SQLite file, or a PostgreSQL server
 * that several control processes share.
 *
 * <p>In: SQL, the common part of both, beside the method that runs it. Out: rows, or an {@link
 * java.io.IOException} that says which store and what is wrong. A {@code change} is whole or not at
 * all, durable when it returns, and comes after every earlier change of every process: SQLite's
 * write lock, PostgreSQL's advisory lock. What nodes report is only {@code record}ed: whole, but in
 * no order. Schemas are the files {@code /store/N.sql}; a file of version 1 grows up when it is
 * opened. Plain JDBC, because a command line opens the store each time: a migrator and a pool would
 * double that. Only PostgreSQL has a pool.
 */
@NullMarked
package io.sallyport.sync.store;

import org.jspecify.annotations.NullMarked;
