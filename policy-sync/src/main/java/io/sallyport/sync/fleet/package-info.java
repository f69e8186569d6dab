/**
 * Nodes and their sessions as last reported, and what is asked of them.
 *
 * <p>In: a node's report; an admin's wish to end a session or to deny a name at once, everywhere.
 * Out: sessions and nodes; for each node its orders, told again with every report until the node
 * has acknowledged them. Asking is audited; what nodes report is not a change.
 */
@NullMarked
package io.sallyport.sync.fleet;

import org.jspecify.annotations.NullMarked;
