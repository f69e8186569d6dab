package io.sallyport.iptables.firewall;

import io.sallyport.iptables.script.Ruleset;
import java.util.List;
import java.util.Optional;

/**
 * The rules of one family as they are held to be in force. If others are read, somebody else has
 * changed them, and flows may have passed that nothing lets pass.
 */
final class Believed {
    private Ruleset rules;

    /** What was going in when the kernel refused: each table may be of it by now. */
    private Optional<Ruleset> halfway = Optional.empty();

    Believed(Ruleset rules) {
        this.rules = rules;
    }

    Ruleset rules() {
        return rules;
    }

    /** Puts others in force; if that throws, only reading tells what is. */
    void change(Ruleset wanted, Runnable goIn) {
        halfway = Optional.of(wanted);
        goIn.run();
        halfway = Optional.empty();
        rules = wanted;
    }

    /**
     * @return what is otherwise than it was put, one sentence each; where nothing had been put,
     *     nothing is
     */
    List<String> read(Ruleset there) {
        List<String> strays =
                rules.chains().isEmpty()
                        ? List.of()
                        : halfway.map(wanted -> there.strays(rules, wanted))
                                .orElseGet(() -> rules.faults(there));
        rules = there;
        halfway = Optional.empty();
        return strays;
    }
}
