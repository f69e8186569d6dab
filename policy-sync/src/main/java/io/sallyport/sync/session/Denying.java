package io.sallyport.sync.session;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement;
import io.sallyport.sync.enforcement.Enforcement.Change;
import io.sallyport.sync.enforcement.Enforcement.Target;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts emergency denials in force in running sessions, and looks at them a second time. */
final class Denying {
    private static final Logger LOG = LoggerFactory.getLogger(Denying.class);

    private final Alarm alarm;
    private final Enforcement enforcement;
    private final Register networks;

    Denying(Alarm alarm, Enforcement enforcement, Register networks) {
        this.alarm = alarm;
        this.enforcement = enforcement;
        this.networks = networks;
    }

    void deny(Emergencies list) {
        alarm.alone(() -> {
            List<Change> changes = alarm.change(list, networks.all());
            try {
                enforcement.deny(changes);
            } finally {
                Thread.ofVirtual().name("second-look").start(() -> lookAgain(changes));
            }
            alarm.done(changes);
        });
    }

    /** For what was on its way meanwhile, in those bindings that are still the same. */
    private void lookAgain(List<Change> changes) {
        try {
            Thread.sleep(Enforcement.UNDER_WAY);
            alarm.alone(() ->
                    enforcement.denyAgain(
                            changes.stream()
                                    .filter(change -> isInForce(change.target()))
                                    .toList()));
        } catch (FirewallException e) {
            LOG.error("what was denied may still be reached for minutes: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isInForce(Target target) {
        return networks.get(target.id())
                .filter(network -> network.binding().equals(target.binding()))
                .isPresent();
    }
}
