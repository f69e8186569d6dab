/**
 * From what sessions asked for to the smallest list that lets it through.
 *
 * <p>In: the settings in force and recorded traffic. First a level, where it has what several
 * custom domains would be needed for; then exact names; then a wildcard, where many names below one
 * owner's domain were seen. Never a public or shared suffix, and no wildcard where anyone may
 * publish. Out: a {@link io.sallyport.sync.proposal.Proposal}, which says of each part what it is
 * for, what was left out and why, and which is applied as one change. Pure: stores nothing.
 */
@NullMarked
package io.sallyport.sync.proposal;

import org.jspecify.annotations.NullMarked;
