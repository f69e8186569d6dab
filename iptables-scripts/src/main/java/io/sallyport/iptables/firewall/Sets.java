package io.sallyport.iptables.firewall;

import io.sallyport.iptables.attribute.Attributes;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import io.sallyport.iptables.firewall.Firewall.Refused;
import io.sallyport.iptables.script.Ruleset;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The sets of an installation's bindings: those that the rules of a binding ask, pins and refused
 * destinations of each family that it has. The kernel finds a set by going through all of them, so
 * there are none that no rule asks.
 *
 * <p>nft lets go of a set some milliseconds after the rule that named it is gone. Nobody waits for
 * that: a set that is to go is emptied at once and removed by whoever comes next.
 */
final class Sets {

    private static final long DESTROY_PAUSE_MILLIS = 10;

    private static final int ADDRESS = 1;
    private static final int ADDRESS_FOUR = 1;
    private static final int ADDRESS_SIX = 2;
    private static final int PORT = 4;
    private static final int PROTOCOL = 7;
    private static final int PACKETS = 25;

    private static final Map<Integer, String> PROTOCOLS =
            Map.of(1, "icmp", 6, "tcp", 17, "udp", 58, "icmpv6", 132, "sctp");

    /** Of these the kernel keeps type and code where the others have a port. */
    private static final Set<Integer> WITHOUT_PORTS = Set.of(1, 58);

    private final String id;
    private final KernelSets kernel;
    private final Pattern ours;

    /** Nothing of ours names a set that is to go: who still does after so long is someone else. */
    private static final long STUCK_NANOS = 5_000_000_000L;

    /** Sets that are empty and go as soon as the kernel lets go of them, and since when. */
    private final Map<String, Long> leaving = new TreeMap<>();

    Sets(String id, KernelSets kernel) {
        this.id = id;
        this.kernel = kernel;
        this.ours = Pattern.compile(".*-sp" + id);
    }

    /** The script that makes the sets of a binding. */
    static String script(Collection<String> sets) {
        StringBuilder text = new StringBuilder();
        for (String set : sets) {
            text.append("create %s %s\n".formatted(set, SetKind.of(set).words()));
        }
        return text.toString();
    }

    /** Makes the sets of a binding, as {@link #script} does. */
    void create(Collection<String> sets) {
        sets.forEach(set -> kernel.create(set, SetKind.of(set)));
        leaving.keySet().removeAll(sets);
    }

    void flush(Collection<String> sets) {
        sets.forEach(kernel::flush);
    }

    /** Empties sets; they go when no rule names them any more. */
    void drop(Collection<String> sets) {
        flush(sets);
        sets.forEach(set -> leaving.putIfAbsent(set, System.nanoTime()));
    }

    /** As {@link #drop}, for whatever sets a binding may have. */
    void dropAny(String binding) {
        drop(
                kernel.names().stream()
                        .filter(set ->
                                Ruleset.bindingOfSet(id, set).filter(binding::equals).isPresent())
                        .toList());
    }

    /** Removes what the kernel has let go of. */
    void sweep() {
        leaving.keySet().removeIf(kernel::destroy);
    }

    /**
     * Removes all that is to go. The kernel lets go of a set some tens of milliseconds after the
     * last rule that names it, later where many wait.
     *
     * @param patience how long that is waited for
     */
    void sweepAll(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            sweep();
            if (leaving.isEmpty()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new FirewallException(
                        "the kernel does not let go of sets: "
                                + String.join(", ", leaving.keySet())
                                + "; find the rule that names one and remove it");
            }
            try {
                Thread.sleep(DESTROY_PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FirewallException("interrupted while sets were removed", e);
            }
        }
    }

    /** Names of bindings that have a set. */
    List<String> bindings() {
        return kernel.names().stream()
                .filter(set -> !leaving.containsKey(set))
                .flatMap(set -> Ruleset.bindingOfSet(id, set).stream())
                .distinct()
                .toList();
    }

    /** Whether there is a set of this installation. */
    boolean areThere() {
        return kernel.hasAny(ours);
    }

    /** All sets of this installation but those that are about to go. */
    Map<String, KernelSets.Seen> seen() {
        Map<String, KernelSets.Seen> seen = kernel.seen(ours);
        leaving.keySet().forEach(seen::remove);
        return seen;
    }

    /** Sets that do not go although nothing of ours names them. */
    List<String> stuck() {
        long now = System.nanoTime();
        return leaving.entrySet().stream()
                .filter(each -> now - each.getValue() > STUCK_NANOS)
                .map(Map.Entry::getKey)
                .toList();
    }

    /** What is wrong with the sets of a binding. */
    static List<String> faults(Collection<String> sets, Map<String, KernelSets.Seen> seen) {
        List<String> faults = new ArrayList<>();
        for (String set : sets) {
            KernelSets.Seen now = seen.get(set);
            if (now == null) {
                faults.add("set " + set + " is missing");
            } else if (now.kind().filter(SetKind.of(set)::is).isEmpty()) {
                faults.add(
                        "set %s is another set than was made: %s"
                                .formatted(
                                        set,
                                        now.kind().map(SetKind::words).orElse("of another type")));
            }
        }
        return faults;
    }

    List<Refused> refused(Collection<String> sets) {
        List<Refused> refused = new ArrayList<>();
        for (String set : sets) {
            if (SetKind.of(set).counted()) {
                kernel.entries(set, entry -> refused(entry).ifPresent(refused::add));
            }
        }
        refused.sort((a, b) -> Long.compare(b.packets(), a.packets()));
        return refused;
    }

    private static Optional<Refused> refused(ByteBuffer entry) {
        Optional<ByteBuffer> address =
                Attributes.find(entry, ADDRESS)
                        .flatMap(nest ->
                                Attributes.find(nest, ADDRESS_FOUR)
                                        .or(() -> Attributes.find(nest, ADDRESS_SIX)));
        if (address.isEmpty()) {
            return Optional.empty();
        }
        int protocol = (int) number(entry, PROTOCOL);
        try {
            return Optional.of(
                    new Refused(
                            InetAddress.getByAddress(Attributes.copy(address.get())),
                            PROTOCOLS.getOrDefault(protocol, Integer.toString(protocol)),
                            WITHOUT_PORTS.contains(protocol) ? 0 : (int) number(entry, PORT),
                            number(entry, PACKETS)));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static long number(ByteBuffer entry, int type) {
        return Attributes.find(entry, type).map(Attributes::network).orElse(0L);
    }
}
