/**
 * Who may do what at the control server: every endpoint with the roles that may use it, in one
 * table that the server routes by.
 *
 * <pre>
 * role, its org, what is asked for, of which org ─▶ granted · refused (403) · hidden (404)
 * </pre>
 *
 * <p>What another org has is hidden, and so is whether that org exists. An endpoint that is not in
 * the table cannot be reached.
 */
@NullMarked
package io.sallyport.sync.access;

import org.jspecify.annotations.NullMarked;
