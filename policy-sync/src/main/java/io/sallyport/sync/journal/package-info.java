/**
 * What a node must remember to be the same node after {@code kill -9}: one file for each attached
 * network, with the session bound to it, and one file of what has ended. In: entries. Out: the same
 * entries, or the names of files that cannot be trusted, set aside. Never guesses: a file whose
 * digest does not match restores nothing, and its network stays closed.
 */
@NullMarked
package io.sallyport.sync.journal;

import org.jspecify.annotations.NullMarked;
