/**
 * The life of a session. Start: pull the policy, write the journal, put the rules in force, tell
 * the resolver, report it started; a step that fails undoes those before it. End: forget it in the
 * journal first, so that no crash can bring it back, then resolver, then rules and flows. A network
 * without a session is pending: the resolver knows it and denies everything, the firewall lets
 * nothing through.
 */
@NullMarked
package io.sallyport.sync.session;

import org.jspecify.annotations.NullMarked;
