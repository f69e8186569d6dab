package io.sallyport.iptables.firewall;

import io.sallyport.iptables.block.Block;
import io.sallyport.iptables.conntrack.Conntrack;
import io.sallyport.iptables.conntrack.Conntrack.Between;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Shut;
import io.sallyport.iptables.firewall.Force.Bound;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** How a binding that goes on loses some of its ways out, or those it has by now. */
final class Shutting {
    private final Force force;

    Shutting(Force force) {
        this.force = force;
    }

    /** A binding that has ended has nothing left to lose. */
    void shut(Collection<Shut> ways) {
        List<Between> flows = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        for (Shut way : ways) {
            Bound bound = force.bound.get(way.binding());
            if (bound == null) {
                continue;
            }
            int refusal = bound.pins() == null ? 0 : bound.pins().drop(blocks(way.unpin()));
            if (refusal != 0) {
                refused.add("binding " + way.binding() + ": errno " + refusal);
            }
            flows.add(new Between(bound.binding().blocks(), blocks(way.cut())));
        }
        try {
            Conntrack.cutBetween(force.tools.namespace(), flows);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (!refused.isEmpty()) {
            throw new FirewallException(
                    "the kernel keeps pins that were to go: " + String.join("; ", refused));
        }
    }

    void shutAll(String binding, boolean pins) {
        Bound bound = force.bound.get(binding);
        if (bound == null) {
            return;
        }
        if (pins) {
            force.sets.emptyPins(bound.binding());
        }
        if (pins && bound.pins() != null) {
            bound.pins().forget();
        }
        force.cut(bound.binding().blocks());
    }

    private static Set<Block> blocks(Collection<InetAddress> addresses) {
        return addresses.stream()
                .map(each -> Block.of(each.getAddress()))
                .collect(Collectors.toUnmodifiableSet());
    }
}
