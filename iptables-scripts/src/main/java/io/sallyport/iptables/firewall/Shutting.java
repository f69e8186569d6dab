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
import java.util.Optional;
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
        List<String> refused = new ArrayList<>();
        List<Between> flows = new ArrayList<>();
        List<Block> allFlows = new ArrayList<>();
        for (Shut way : ways) {
            Bound bound = force.bound.get(way.binding());
            if (bound == null) {
                continue;
            }
            unpin(way, bound).ifPresent(refused::add);
            if (way.everything()) {
                allFlows.addAll(bound.binding().blocks());
            } else {
                flows.add(
                        new Between(
                                List.copyOf(bound.binding().blocks()), blocks(way.addresses())));
            }
        }
        try {
            Conntrack.cutBetween(force.tools.namespace(), flows);
        } catch (IOException e) {
            refused.add(e.getMessage());
        }
        try {
            force.cut(allFlows);
        } catch (UncheckedIOException e) {
            refused.add(e.getMessage());
        }
        if (!refused.isEmpty()) {
            throw new FirewallException(
                    "the kernel keeps ways open that were to go: " + String.join("; ", refused));
        }
    }

    /** Why the kernel refused; empty if it did not. */
    private Optional<String> unpin(Shut way, Bound bound) {
        PinBook pins = bound.pins();
        if (pins == null) {
            return Optional.empty();
        }
        if (way.everything()) {
            try {
                pins.dropAll(() ->
                        force.sets.flush(new PinSets(force.base.id(), bound.binding()).all()));
                return Optional.empty();
            } catch (FirewallException e) {
                return Optional.of("binding " + way.binding() + ": " + e.getMessage());
            }
        }
        int refusal = pins.drop(blocks(way.addresses()));
        return refusal == 0
                ? Optional.empty()
                : Optional.of("binding " + way.binding() + ": errno " + refusal);
    }

    private static Set<Block> blocks(Collection<InetAddress> addresses) {
        return addresses.stream()
                .map(each -> Block.of(each.getAddress()))
                .collect(Collectors.toUnmodifiableSet());
    }
}
