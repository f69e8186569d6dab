package io.sallyport.sync.probe;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** Tries every known way out of the sandbox that this process runs in. */
public final class Probe {

    /** What became of one way. */
    public enum Result {
        /** Refused, or silence. */
        BLOCKED,
        /** Something beyond the guard answered. */
        OPEN,
        /** Not tried, or not to be seen from inside; the finding says which. */
        UNKNOWN
    }

    /**
     * One way and what became of it.
     *
     * @param way a stable name, lower case with hyphens
     * @param hole what it is the test of, and where such a filter was found open
     * @param tried what was sent where, for a person
     * @param happened the evidence, for a person
     */
    public record Finding(String way, String hole, String tried, Result result, String happened) {}

    /**
     * The scoreboard.
     *
     * @param control whether the allowed name resolved ({@code OPEN}) and connected; empty if none
     *     was given
     */
    public record Report(Optional<Finding> control, List<Finding> findings) {
        public Report {
            findings = List.copyOf(findings);
        }

        public long count(Result result) {
            return findings.stream().filter(finding -> finding.result() == result).count();
        }

        /** Nothing is open and the control, if there is one, works. */
        public boolean guarded() {
            return count(Result.OPEN) == 0
                    && control.map(finding -> finding.result() == Result.OPEN).orElse(true);
        }
    }

    /**
     * Names that the filter allows and whose owner is against it; each is the test of one attack,
     * which cannot be tried without.
     *
     * @param wildcard any name below it is allowed, and has an address
     * @param rebinding they have private addresses, also in IPv6 forms
     * @param foreign its server answers with addresses of other names too
     */
    public record Crafted(
            Optional<String> wildcard, List<String> rebinding, Optional<String> foreign) {
        public static final Crafted NONE =
                new Crafted(Optional.empty(), List.of(), Optional.empty());

        public Crafted {
            rebinding = List.copyOf(rebinding);
            wildcard.ifPresent(Question::labels);
            rebinding.forEach(Question::labels);
            foreign.ifPresent(Question::labels);
        }
    }

    /**
     * What to try with.
     *
     * @param allowed a name that must resolve and connect, so that "blocked" means something
     * @param allowedPort where the allowed name listens (TCP)
     * @param denied a name that exists and must not resolve
     * @param targets public addresses that no allowed name leads to
     * @param resolver what to ask instead of resolv.conf's servers
     * @param crafted allowed names that misbehave
     * @param timeout how long silence is waited for, a way
     */
    public record Settings(
            Optional<String> allowed,
            int allowedPort,
            String denied,
            List<InetAddress> targets,
            Optional<InetAddress> resolver,
            Crafted crafted,
            Duration timeout) {
        public Settings {
            targets = List.copyOf(targets);
            if (targets.isEmpty()) {
                throw new IllegalArgumentException("at least one target address is needed");
            }
            if (allowedPort < 1 || allowedPort > 65_535) {
                throw new IllegalArgumentException("a port is 1 to 65535, not " + allowedPort);
            }
            if (timeout.compareTo(SHORTEST) < 0 || timeout.compareTo(LONGEST) > 0) {
                throw new IllegalArgumentException("the timeout is 100 to 60000 milliseconds");
            }
            allowed.ifPresent(Question::labels);
            Question.labels(denied);
        }
    }

    /** Shorter would call a slow answer blocked. */
    private static final Duration SHORTEST = Duration.ofMillis(100);

    private static final Duration LONGEST = Duration.ofMinutes(1);

    private Probe() {}

    /** Tries all ways, most of them at the same time: about four timeouts in all. */
    public static Report run(Settings settings) {
        Surroundings surroundings = Surroundings.look(settings);
        Control control = Control.run(settings, surroundings);
        Scene scene = new Scene(settings, surroundings, control.addresses());
        List<Way> atOnce =
                Stream.of(
                                TcpWays.list(scene),
                                PageWays.list(scene),
                                UdpWays.list(scene),
                                DnsWays.list(scene),
                                AllowedWays.list(scene),
                                InsideWays.list(),
                                Untried.list(),
                                RawWays.list(scene))
                        .flatMap(List::stream)
                        .toList();
        List<Finding> findings = new ArrayList<>(together(atOnce));
        // This one changes the sandbox's address for a moment, so it must be alone.
        AddressWays.list(scene).stream().map(Way::attempt).forEach(findings::add);
        // Likewise: it uses up what a budget leaves for the others.
        AllowedWays.tunnel(scene).map(Way::attempt).ifPresent(findings::add);
        return new Report(control.finding(), findings);
    }

    private static List<Finding> together(List<Way> ways) {
        List<Future<Finding>> futures = new ArrayList<>();
        // Platform threads: raw sockets block them in the kernel. Closing waits for all.
        try (ExecutorService threads =
                Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().name("way-", 0).factory())) {
            ways.forEach(way -> futures.add(threads.submit(way::attempt)));
        }
        return futures.stream().map(Future::resultNow).toList();
    }
}
