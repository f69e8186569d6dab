package io.sallyport.sync.api;

import io.sallyport.iptables.firewall.Firewall;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the kernel refused, as it was read last. */
final class Kernel {
    private static final Logger LOG = LoggerFactory.getLogger(Kernel.class);

    /**
     * Reading takes a millisecond by netlink and half a second where all rules have to be listed:
     * with such pauses it is a twentieth of a core at most, however often somebody scrapes.
     */
    private static final int PAUSES = 20;

    private final Firewall firewall;
    private Map<String, Long> refused;
    private long quietUntil;
    private boolean failing;

    /** Reads them a first time, so that every kind is there from the start. */
    Kernel(Firewall firewall) {
        this.firewall = firewall;
        this.refused = firewall.counters();
        this.quietUntil = System.nanoTime();
    }

    /** Packets by kind. */
    synchronized Map<String, Long> refused() {
        long begin = System.nanoTime();
        if (begin - quietUntil < 0) {
            return refused;
        }
        try {
            refused = firewall.counters();
            failing = false;
        } catch (FirewallException e) {
            // The resolver's counters are worth having all the same; /readyz says what is wrong.
            if (!failing) {
                LOG.warn("the kernel's counters could not be read: {}", e.getMessage());
            }
            failing = true;
        }
        long end = System.nanoTime();
        quietUntil = end + PAUSES * (end - begin);
        return refused;
    }
}
