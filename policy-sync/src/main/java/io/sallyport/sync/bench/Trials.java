package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Contest.Style;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The workloads, each from starting its servers to its result. */
final class Trials {
    private static final int LONG_LIST = 1_000_000;

    /** All of 127/8 is this host's: 1,024 addresses, of which 1,000 ask. */
    private static final String MANY_NETWORKS = "127.10.0.0/22";

    private static final String MANY_SOURCES = "127.10.0.0";
    private static final String OTHER_SOURCES = "127.10.0.10";
    private static final String WARMING_SOURCES = "127.10.0.100";
    private static final int MANY = 1000;
    private static final int OTHERS = 20;

    private static final String REFLECTOR = Peer.REFLECTOR.title();
    private static final int OUTSTANDING = 100;

    /** Below what a resolver lets one client have under way at its upstream. */
    private static final int OUTSTANDING_COLD = 50;

    private static final int SLOW_RATE = 10_000;
    private static final int SLOW_RATE_COLD = 2000;

    private static final Style LISTED = new Style(Names.Kind.LISTED, OUTSTANDING, SLOW_RATE, false);

    /**
     * Twenty times what a network may ask, and few enough that the core which the others' asker
     * shares with the flooder is not what is measured.
     */
    private static final int PACED = 20_000;

    private final Lab lab;
    private final Bench.Options options;
    private final Path spreader;
    private final Names names;
    private final Contest contest;
    private final Field field;
    private final Consumer<Result> tell;

    /**
     * @param tell takes each result when it is there
     */
    Trials(
            Lab lab,
            Bench.Options options,
            Path spreader,
            Names names,
            Contest contest,
            Field field,
            Consumer<Result> tell) {
        this.lab = lab;
        this.options = options;
        this.spreader = spreader;
        this.names = names;
        this.contest = contest;
        this.field = field;
        this.tell = tell;
    }

    /** Those of these workloads that are wanted: all servers on the loopback, with a short list. */
    void alike(Map<String, Names.Kind> workloads) throws IOException, InterruptedException {
        if (workloads.isEmpty()) {
            return;
        }
        List<Row> leftOut = new ArrayList<>();
        List<Entry> entries = field.start(options.peers(), Bench.SHORT_LIST, leftOut);
        for (Map.Entry<String, Names.Kind> workload : workloads.entrySet()) {
            Names.Kind kind = workload.getValue();
            boolean cold = kind == Names.Kind.COLD;
            // The reflector asks nobody and answers all alike: no floor of a question that is
            // passed
            // on.
            List<Entry> taking =
                    entries.stream()
                            .filter(entry -> !cold || !entry.server().equals(REFLECTOR))
                            .toList();
            Style style =
                    new Style(
                            kind,
                            cold ? OUTSTANDING_COLD : OUTSTANDING,
                            cold ? SLOW_RATE_COLD : SLOW_RATE,
                            true);
            List<Row> rows = contest.run(workload.getKey(), style, taking);
            rows.addAll(leftOut);
            tell.accept(new Result(workload.getKey(), about(kind), rows));
        }
        end(entries);
    }

    private static String about(Names.Kind kind) {
        return switch (kind) {
            case DENIED -> "10,000 names that the allow-list does not have";
            case CACHED -> "1,000 allowed names that every cache has";
            case MIXED -> "60 % cached, 30 % denied, 10 % never asked before";
            case COLD -> "allowed names that nobody asked before";
            case LISTED -> "half denied, half cached, spread over the whole list";
        };
    }

    /** From bound sessions behind a veth; ours pins every answer. */
    void pinned() throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        List<Row> leftOut = new ArrayList<>();
        Optional<Yard> ours = Optional.empty();
        for (Peer peer : List.of(Peer.SALLYPORT, Peer.UNBOUND, Peer.DNSDIST)) {
            if (!options.peers().contains(peer)) {
                continue;
            }
            if (peer.missing().isPresent()) {
                leftOut.add(new LeftOut(peer.title(), peer.missing().get()));
                continue;
            }
            try {
                Yard yard = new Yard(lab, options.launcher(), spreader, peer, false);
                entries.add(checked(yard));
                if (peer == Peer.SALLYPORT) {
                    ours = Optional.of(yard);
                }
            } catch (IOException e) {
                leftOut.add(new LeftOut(peer.title(), String.valueOf(e.getMessage())));
            }
        }
        Style style = new Style(Names.Kind.COLD, OUTSTANDING_COLD, SLOW_RATE_COLD, false);
        List<Row> rows = contest.run("cold-pinned", style, entries);
        rows.addAll(leftOut);
        long pins = ours.isPresent() ? ours.get().pins() : 0;
        tell.accept(
                new Result(
                        "cold-pinned",
                        "as cold, from "
                                + Yard.SESSIONS
                                + " sessions behind a veth; sallyport is the whole node, with "
                                + pins
                                + " entries in its pin sets at the end; the others pin nothing",
                        rows));
        end(entries);
    }

    /** Starts a yard's server and makes sure that it answers right. */
    private Entry checked(Yard yard) throws IOException, InterruptedException {
        Entry entry = yard.start();
        String problem = field.ready(entry);
        if (!problem.isEmpty()) {
            lab.end(entry.running());
            throw new IOException(problem);
        }
        entry.running().freeze();
        return entry;
    }

    /** Ours with one network and with many. */
    void networks() throws IOException, InterruptedException {
        List<Row> oneLeftOut = new ArrayList<>();
        List<Row> manyLeftOut = new ArrayList<>();
        List<String> together = List.of(Field.NO_LIMITS, "--client", MANY_NETWORKS);
        List<String> apart = List.of(Field.NO_LIMITS, "--each", MANY_NETWORKS);
        List<Entry> one = field.startOurs(together, MANY_SOURCES, 1, oneLeftOut);
        List<Entry> many = field.startOurs(apart, MANY_SOURCES, MANY, manyLeftOut);
        String about = "half denied, half cached; asked by ";
        sizes(
                new Result("networks-1", about + "the one network", oneLeftOut),
                one,
                new Result("networks-1000", about + "1,000 of 1,024 networks in turn", manyLeftOut),
                many);
    }

    /** A short and a long allow-list. */
    void patterns() throws IOException, InterruptedException {
        List<Row> shortLeftOut = new ArrayList<>();
        List<Row> longLeftOut = new ArrayList<>();
        List<Peer> taking =
                options.peers().stream()
                        .filter(peer -> peer.takesLongLists())
                        .filter(peer -> !options.quick() || peer == Peer.SALLYPORT)
                        .toList();
        List<Entry> few = field.start(taking, Bench.SHORT_LIST, shortLeftOut);
        List<Entry> million = field.start(taking, LONG_LIST, longLeftOut);
        if (!options.quick()) {
            options.peers().stream()
                    .filter(peer -> !peer.takesLongLists() && peer != Peer.REFLECTOR)
                    .forEach(peer ->
                            longLeftOut.add(new LeftOut(peer.title(), "not made for such lists")));
        }
        String about = about(Names.Kind.LISTED) + " of ";
        sizes(
                new Result("patterns-10", about + "10 domains", shortLeftOut),
                few,
                new Result("patterns-1000000", about + "1,000,000 domains", longLeftOut),
                million);
    }

    /**
     * Lets small and large take turns.
     *
     * @param small the result so far: who is left out
     */
    private void sizes(Result small, List<Entry> fewer, Result large, List<Entry> more)
            throws IOException, InterruptedException {
        List<Entry> all = new ArrayList<>(fewer);
        all.addAll(more);
        List<Row> rows = contest.run(small.name() + " and " + large.name(), LISTED, all);
        Result first = small.with(rows.subList(0, fewer.size()));
        tell.accept(first);
        tell.accept(large.with(rows.subList(fewer.size(), rows.size())).against(first));
        end(all);
    }

    /** One network floods the resolver alone: there is no firewall before it. */
    void overload(double seconds) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<String> apart = List.of("--each", MANY_NETWORKS);
        for (Entry entry : field.startOurs(apart, MANY_SOURCES, 1, rows)) {
            Flood flood = new Flood(lab, names, seconds, 0);
            rows.add(
                    flood.run(
                            entry,
                            MANY_SOURCES,
                            OTHER_SOURCES,
                            WARMING_SOURCES,
                            OTHERS,
                            Names.Kind.COLD));
            end(List.of(entry));
        }
        tell.accept(
                new Result(
                        "overload",
                        "one network floods the resolver alone (no firewall) with cold names, 20 others ask",
                        rows));
    }

    /** One session floods the node. */
    void fairness(double seconds) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try {
            Entry entry =
                    checked(new Yard(lab, options.launcher(), spreader, Peer.SALLYPORT, true));
            Flood flood = new Flood(lab, names, seconds, PACED);
            rows.add(
                    flood.run(
                            entry,
                            Yard.address(0),
                            Yard.address(1),
                            Yard.address(1 + OTHERS),
                            OTHERS,
                            Names.Kind.COLD));
            end(List.of(entry));
        } catch (IOException e) {
            rows.add(new LeftOut(Peer.SALLYPORT.title(), String.valueOf(e.getMessage())));
        }
        tell.accept(
                new Result(
                        "fairness",
                        "one session of a node floods it with cold names, 20 others ask",
                        rows));
    }

    /** Half load for long. */
    void soak(double minutes, PrintWriter progress) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Entry entry : field.start(List.of(Peer.SALLYPORT), Bench.SHORT_LIST, rows)) {
            rows.add(new Soak(lab, names, progress).run(entry, minutes));
        }
        tell.accept(new Result("soak", "half of what the server can do, mixed names", rows));
    }

    private void end(List<Entry> entries) {
        entries.forEach(entry -> lab.end(entry.running()));
    }
}
