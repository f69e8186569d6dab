package io.sallyport.sync.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** What goes wrong on the host of a gate, one thing after the other, at random. */
final class Storm {
    /** One way to break things. */
    enum Fault {
        KILL,
        JOURNAL,
        RULES,
        SETS,
        UPSTREAM,
        CLOCK,
        DISK
    }

    /** By {@link System#nanoTime}. */
    record Outage(long from, long until) {
        /** Whether a query that was asked then may be lost: the node dies with what it has read. */
        boolean covers(long asked) {
            return asked > from - UNDER_WAY_NANOS && asked < until;
        }

        double seconds() {
            return (until - from) / 1e9;
        }
    }

    /** All that a query may take. */
    private static final long UNDER_WAY_NANOS = 4_500_000_000L;

    /** What someone else does to tables that we share with them. */
    private static final List<String> FLUSHES =
            List.of(
                    "for t in iptables ip6tables; do $t -w -t raw -F; done",
                    "for t in iptables ip6tables; do $t -w -t nat -F; done",
                    "for t in iptables ip6tables; do $t -w -t mangle -F; done",
                    "for t in iptables ip6tables; do $t -w -F; done",
                    "iptables -w -F FORWARD",
                    "iptables -w -t raw -F PREROUTING",
                    "iptables -w -t nat -I PREROUTING -p udp --dport 53 -j ACCEPT; sleep 3;"
                            + " iptables -w -t nat -D PREROUTING -p udp --dport 53 -j ACCEPT || true");

    /** Not all of them can go: rules hold those that they name. */
    private static final List<String> LOSSES =
            List.of(
                    "ipset flush",
                    "ipset list -n | shuf -n 20 | while read -r set; do ipset flush \"$set\" || true; done 2>/dev/null",
                    "ipset list -n | shuf -n 20 | while read -r set; do ipset destroy \"$set\" || true; done 2>/dev/null");

    private static final List<String> OFFSETS = List.of("+1h", "-1d", "+400d", "-1h", "+0");

    private final Gate gate;
    private final Path clock;
    private final Path filler;
    private final Random random;
    private final Consumer<String> lost;
    private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
    private final List<Outage> outages = new ArrayList<>();
    private final List<String> story = new ArrayList<>();
    private final long begin = System.nanoTime();

    /**
     * @param clock what the node's clock is ahead of the machine's
     * @param filler on the disk that the node writes to
     * @param lost told each address whose journal entry was damaged, when the node is back
     */
    Storm(Gate gate, Path clock, Path filler, long seed, Consumer<String> lost) {
        this.gate = gate;
        this.clock = clock;
        this.filler = filler;
        this.random = new Random(seed);
        this.lost = lost;
    }

    /** The times in which no node ran, each until it said that it is ready. */
    List<Outage> outages() {
        return outages;
    }

    Map<Fault, Integer> counts() {
        return counts;
    }

    /** Each thing that went wrong, with the seconds since it began. */
    List<String> story() {
        return story;
    }

    void strike() {
        Fault[] faults = Fault.values();
        Fault fault = faults[random.nextInt(faults.length)];
        counts.merge(fault, 1, Integer::sum);
        tell(fault.name());
        switch (fault) {
            case KILL -> killed(() -> rest(1000));
            case JOURNAL -> damageAnEntry();
            case RULES -> host(any(FLUSHES));
            case SETS -> host(any(LOSSES));
            case UPSTREAM -> {
                gate.world().silenceUpstreams(true);
                rest(4000);
                gate.world().silenceUpstreams(false);
                tell("upstreams");
            }
            case CLOCK -> {
                String offset = any(OFFSETS);
                tell(offset);
                write(clock, offset + "\n");
            }
            case DISK -> {
                host("cat /dev/zero >" + filler + " 2>/dev/null || true");
                rest(3000);
                host("rm " + filler);
                tell("room");
            }
        }
        rest(2000);
    }

    /** What happens while the node is dead, and how long that was. */
    private void killed(Runnable meanwhile) {
        long begin = System.nanoTime();
        gate.kill();
        meanwhile.run();
        gate.restart();
        outages.add(new Outage(begin, System.nanoTime()));
        tell("ready");
    }

    private void damageAnEntry() {
        List<String> damaged = new ArrayList<>();
        killed(() -> damage(entries(gate), damaged));
        damaged.forEach(this::tell);
        damaged.forEach(lost);
    }

    private void damage(List<Path> entries, List<String> damaged) {
        if (!entries.isEmpty()) {
            Path entry = any(entries);
            try {
                String text = Files.readString(entry);
                damaged.add(addressIn(text));
                byte[] octets = Files.readAllBytes(entry);
                if (random.nextBoolean()) {
                    octets[random.nextInt(octets.length)] ^= 1;
                    Files.write(entry, octets);
                } else {
                    Files.write(entry, Arrays.copyOf(octets, random.nextInt(octets.length)));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The first address of an entry. */
    static String addressIn(String entry) {
        return entry.replaceFirst("(?s).*\"addresses\":\\[\"([0-9.]+)/32.*", "$1");
    }

    static List<Path> entries(Gate gate) {
        try (Stream<Path> files = Files.list(gate.data().resolve("journal"))) {
            return files.filter(file -> file.toString().endsWith(".v1")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void host(String script) {
        tell(script);
        gate.world().host().run("sh", "-c", script).ok();
    }

    private void tell(String what) {
        story.add("%.2f %s".formatted((System.nanoTime() - begin) / 1e9, what));
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private void rest(int atMostMillis) {
        try {
            Thread.sleep(random.nextInt(atMostMillis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
