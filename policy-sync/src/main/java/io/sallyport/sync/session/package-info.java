/**
 * The life of a session, as {@link io.sallyport.sync.network.Network} has it.
 *
 * <p>Start: known under this id already? pull the policy, write the journal, put the rules in
 * force, tell the resolver, report it started; a step that fails undoes those before it. End:
 * forget it in the journal first, so that no crash can bring it back, then resolver, then rules and
 * flows. A network without a session is pending: the resolver knows it and denies everything, the
 * firewall lets nothing through.
 *
 * <p>Each network has its turn: work on one comes one after another, work on others does not wait
 * for it. What nobody asks for any more is looked after each second: leases that run out, ends and
 * rules that the kernel refused.
 */
@NullMarked
package io.sallyport.sync.session;

import org.jspecify.annotations.NullMarked;
