/**
 * Who changed what, when and why; only ever added to.
 *
 * <p>In: events, in the transaction of the change that they tell of, so that neither is without the
 * other. Out: rows by number, a JSON document each. The hash of a row is the SHA-256 of the hash
 * before it, as 64 hexadecimal digits, and the row's canonical JSON; the first follows 64 zeros.
 * Triggers refuse to edit rows; {@link io.sallyport.sync.audit.AuditTrail#verify} finds what
 * somebody edited, cut out, put in or cut off at the end all the same. Whoever can rewrite the
 * whole database can write another chain: keep the last hash elsewhere, and it will be missed.
 */
@NullMarked
package io.sallyport.sync.audit;

import org.jspecify.annotations.NullMarked;
