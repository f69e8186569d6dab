package io.sallyport.sync.cni;

import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.sync.cni.Cni.Birth;
import io.sallyport.sync.cni.Fault.Code;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Origin;
import io.sallyport.sync.network.Network.Pod;
import io.sallyport.sync.session.Sessions;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What each call does. Calls about one attachment come one after another; an ADD that fails leaves
 * nothing, and one that is told again finds what is there.
 */
final class Attachments {
    private static final Logger LOG = LoggerFactory.getLogger(Attachments.class);

    private final Sessions sessions;
    private final Birth birth;
    private final Cni.Health health;
    private final List<String> nameServers;
    private final Waiting waiting = new Waiting();
    private final Set<String> busy = new TreeSet<>();

    Attachments(Sessions sessions, Birth birth, Cni.Health health, List<String> nameServers) {
        this.sessions = sessions;
        this.birth = birth;
        this.health = health;
        this.nameServers = List.copyOf(nameServers);
    }

    /** Whoever waits for somebody's decision gives up, and whoever comes to it does not wait. */
    void hurry() {
        waiting.end();
    }

    /** After {@link #hurry}: there is time again. */
    void resume() {
        waiting.again();
    }

    /** The result; empty where the command has none. */
    Optional<ObjectNode> serve(Call call) throws Fault {
        switch (call.command()) {
            case ADD -> {
                return Optional.of(alone(call.id(), () -> add(call)));
            }
            case DEL -> alone(call.id(), () -> remove(call.id()));
            case CHECK -> alone(call.id(), () -> check(call));
            case GC -> collect(call);
            case STATUS -> status();
        }
        return Optional.empty();
    }

    private ObjectNode add(Call call) throws Fault {
        long begin = System.nanoTime();
        ObjectNode result = call.conf().previous().deepCopy();
        if (isExcluded(call)) {
            return result;
        }
        Optional<Pod> pod = call.pod();
        Cable cable = Cable.of(result);
        try {
            Network network = attach(call, pod, cable);
            if (cable.port().isPresent()) {
                cable.port().get().close();
            }
            if (network.session() == null) {
                begin(call, network, pod, begin);
            }
            requireInForce(call.id());
            requireInTime(call, begin);
        } catch (Fault e) {
            undo(call.id(), e);
            throw e;
        } catch (RuntimeException e) {
            Fault fault =
                    e instanceof FirewallException
                            ? new Fault(Code.TRY_AGAIN, e)
                            : new Fault(Code.INTERNAL, e);
            undo(call.id(), fault);
            throw fault;
        }
        LOG.info(
                "network={} attached container={} interface={}",
                call.id(),
                call.container(),
                cable.device());
        return answer(result);
    }

    private static boolean isExcluded(Call call) throws Fault {
        return call.pod()
                .filter(pod -> call.conf().excluded().contains(pod.namespace()))
                .isPresent();
    }

    private Network attach(Call call, Optional<Pod> pod, Cable cable) throws Fault {
        Origin origin =
                new Origin(
                        call.container(),
                        call.ifname(),
                        cable.device(),
                        cable.index(),
                        Host.boot(),
                        pod.orElse(null));
        try {
            Optional<Network> there = sessions.network(call.id());
            if (there.isPresent()
                    && !(origin.equals(there.get().origin())
                            && cable.place().isSameAs(there.get().place()))) {
                sessions.remove(call.id()); // its end was never told: this is the same name's next
            }
            sessions.removeOrphans(cable.place());
            return sessions.attach(call.id(), cable.place(), origin).network();
        } catch (Rejected e) {
            throw new Fault(e.kind() == Rejected.Kind.INVALID ? Code.INVALID : Code.TRY_AGAIN, e);
        } catch (IOException e) {
            throw new Fault(Code.TRY_AGAIN, e);
        }
    }

    /** The runtime's own word comes first; else whoever knows the pod. */
    private void begin(Call call, Network network, Optional<Pod> pod, long begin) throws Fault {
        try {
            if (call.org().isPresent()) {
                var _ =
                        sessions.start(
                                new Sessions.Request(
                                        null,
                                        call.org().get(),
                                        call.agent().orElse(null),
                                        network.place(),
                                        Mode.ENFORCE,
                                        0));
            } else if (pod.isPresent()) {
                Duration left = call.patience().minusNanos(System.nanoTime() - begin);
                // Rules that go in are others' too: a thread is interrupted before, or not at all.
                waiting.during(() -> birth.awaited(network, pod.get(), left)).begin();
            }
        } catch (Cni.Refused | PolicySource.Refused e) {
            throw new Fault(Code.REFUSED, e);
        } catch (Rejected | IOException e) {
            throw new Fault(Code.TRY_AGAIN, e);
        }
    }

    private void requireInForce(String id) throws Fault {
        Optional<Network> network = sessions.network(id);
        if (network.isEmpty()) {
            throw new Fault(Code.TRY_AGAIN, "the container's interface has gone meanwhile");
        }
        String fault = network.get().fault();
        if (fault != null) {
            throw new Fault(Code.TRY_AGAIN, "the container's rules are not in force: " + fault);
        }
    }

    /** Nobody hears the answer any more: the runtime takes the container for failed. */
    private static void requireInTime(Call call, long begin) throws Fault {
        if (System.nanoTime() - begin > call.patience().toNanos()) {
            throw new Fault(Code.TRY_AGAIN, "too late: the runtime has given up waiting");
        }
    }

    private void undo(String id, Fault cause) {
        try {
            sessions.remove(id);
        } catch (IOException | RuntimeException e) {
            LOG.error("network={} is left of an ADD that failed: {}", id, e.getMessage());
            cause.addSuppressed(e);
        }
    }

    private ObjectNode answer(ObjectNode result) {
        ObjectNode dns =
                result.get("dns") instanceof ObjectNode there ? there : result.putObject("dns");
        ArrayNode servers = dns.putArray("nameservers");
        nameServers.forEach(servers::add);
        return result;
    }

    private boolean remove(String id) throws Fault {
        Optional<Network> there = sessions.network(id);
        try {
            boolean removed = sessions.remove(id);
            if (removed) {
                LOG.info("network={} detached", id);
                there.filter(Attachments::isOnABridge).map(Network::place).ifPresent(Port::forget);
            }
            return removed;
        } catch (IOException | FirewallException e) {
            throw new Fault(Code.TRY_AGAIN, e);
        }
    }

    private static boolean isOnABridge(Network network) {
        Origin origin = network.origin();
        return origin != null && !origin.device().equals(network.place().interfaceName());
    }

    private boolean check(Call call) throws Fault {
        ObjectNode result = call.conf().previous();
        if (isExcluded(call)) {
            return true;
        }
        Network network =
                sessions.network(call.id())
                        .orElseThrow(() ->
                                new Fault(
                                        Code.NOT_IN_FORCE,
                                        "the container is not attached: everything is denied to it"));
        Cable cable = Cable.of(result);
        Origin origin = network.origin();
        if (!cable.place().isSameAs(network.place())
                || origin == null
                || origin.index() != cable.index()) {
            throw new Fault(
                    Code.NOT_IN_FORCE,
                    "the container is attached as " + network.place() + ", not " + cable.place());
        }
        List<String> faults = health.inKernel();
        if (network.fault() != null || !faults.isEmpty()) {
            throw new Fault(
                    Code.NOT_IN_FORCE,
                    "rules are not in force: "
                            + (network.fault() == null
                                    ? String.join("; ", faults)
                                    : network.fault()));
        }
        return true;
    }

    /** What came by this network and its runtime knows nothing of. */
    private void collect(Call call) throws Fault {
        Set<String> valid = Set.copyOf(call.valid());
        Optional<Fault> failed = Optional.empty();
        for (Network network : sessions.list()) {
            String id = network.id();
            if (id.startsWith(call.prefix()) && network.origin() != null && !valid.contains(id)) {
                LOG.warn("network={} is known to no runtime any more", id);
                try {
                    alone(id, () -> remove(id));
                } catch (Fault e) {
                    failed = Optional.of(e); // which keeps no other from its end
                }
            }
        }
        if (failed.isPresent()) {
            throw failed.get();
        }
    }

    private void status() throws Fault {
        List<String> faults = health.readiness();
        if (!faults.isEmpty()) {
            throw new Fault(
                    Code.UNAVAILABLE, "the node is not ready: " + String.join("; ", faults));
        }
    }

    private interface Work<T> {
        T done() throws Fault;
    }

    private <T> T alone(String id, Work<T> work) throws Fault {
        take(id);
        try {
            return work.done();
        } finally {
            give(id);
        }
    }

    private synchronized void take(String id) throws Fault {
        try {
            while (busy.contains(id)) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Fault(Code.TRY_AGAIN, "the node stops");
        }
        busy.add(id);
    }

    private synchronized void give(String id) {
        busy.remove(id);
        notifyAll();
    }
}
