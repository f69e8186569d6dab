package io.sallyport.sync.gate;

import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World.Packet;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which packets of a sandbox may be seen at the internet: those to an address that its session
 * asked for by name, at most as long afterwards as the pin lasts. Asked, not answered: a node that
 * dies between pin and answer leaves the pin.
 */
final class Ledger {
    /** What no sandbox may get out; see {@link Knocks}. */
    static final String ESCAPE = "escape";

    /** The whole budget of a query, and what clocks may differ. */
    private static final Duration ANSWERED = Duration.ofSeconds(6);

    /** The least that a pin lasts; the TTL of the sites is far below it. */
    private static final Duration PINNED = Duration.ofMinutes(2);

    private static final Set<Integer> TCP_PORTS = Set.of(22, 80, 443);
    private static final Set<Integer> UDP_PORTS = Set.of(443);

    private record Way(String home, InetAddress to) {}

    private record Open(Instant from, Instant until) {}

    private final Map<InetAddress, String> homes = new ConcurrentHashMap<>();
    private final Map<Way, List<Open>> open = new ConcurrentHashMap<>();

    /** These addresses are one sandbox's. */
    void home(String name, String... addresses) {
        for (String address : addresses) {
            homes.put(InetAddress.ofLiteral(address), name);
        }
    }

    void asked(String home, Site site) {
        Instant now = Instant.now();
        Open added = new Open(now, now.plus(ANSWERED).plus(PINNED));
        for (String address : List.of(site.address4(), site.address6())) {
            open.merge(
                    new Way(home, InetAddress.ofLiteral(address)), List.of(added), Ledger::joined);
        }
    }

    /** From now on nothing that was asked before counts. */
    void ended(String home) {
        Instant now = Instant.now();
        open.replaceAll((way, times) -> way.home().equals(home) ? cut(times, now) : times);
    }

    /** Packets of the sandboxes that nothing explains. */
    List<Packet> unexplained(List<Packet> packets) {
        return packets.stream()
                .filter(packet ->
                        packet.payload().startsWith(ESCAPE)
                                || (homes.containsKey(packet.source()) && !explained(packet)))
                .toList();
    }

    private boolean explained(Packet packet) {
        boolean port =
                switch (packet.protocol()) {
                    case Packet.TCP -> TCP_PORTS.contains(packet.destinationPort());
                    case Packet.UDP -> UDP_PORTS.contains(packet.destinationPort());
                    default -> false;
                };
        Way way = new Way(homes.getOrDefault(packet.source(), ""), packet.destination());
        return port
                && open.getOrDefault(way, List.of()).stream()
                        .anyMatch(time ->
                                !packet.at().isBefore(time.from())
                                        && !packet.at().isAfter(time.until()));
    }

    private static List<Open> joined(List<Open> times, List<Open> added) {
        Open last = times.getLast();
        Open next = added.getFirst();
        List<Open> joined = new ArrayList<>(times);
        if (next.from().isAfter(last.until())) {
            joined.add(next);
        } else {
            joined.set(joined.size() - 1, new Open(last.from(), next.until()));
        }
        return List.copyOf(joined);
    }

    private static List<Open> cut(List<Open> times, Instant now) {
        return times.stream()
                .map(time -> time.until().isAfter(now) ? new Open(time.from(), now) : time)
                .toList();
    }
}
