/**
 * Renders what should be in force, reads what is, and writes the script that leads from the one to
 * the other. Pure: text and records in, text and records out; rules are kept in the very words
 * {@code iptables-save} uses, so that they can be compared. Never runs anything.
 */
@NullMarked
package io.sallyport.iptables.script;

import org.jspecify.annotations.NullMarked;
