package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Contest.Pace;
import io.sallyport.sync.bench.Contest.Style;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One run of the benchmark, workload by workload. */
public final class Bench {
    static final int SHORT_LIST = 10;

    /** The launcher mounts a file system in memory there, which ends with the namespace. */
    private static final Path MEMORY = Path.of("/run");

    private static final int FIRST_PORT = 5300;
    private static final int LONG_LIST = 1_000_000;

    /** All of 127/8 is this host's: 1,024 addresses, of which 1,000 ask. */
    private static final String MANY_NETWORKS = "127.10.0.0/22";

    private static final String MANY_SOURCES = "127.10.0.0";
    private static final int MANY = 1000;
    private static final int OTHERS = 20;

    private static final int OUTSTANDING = 100;

    /** Below what a resolver lets one client have under way at its upstream. */
    private static final int OUTSTANDING_COLD = 50;

    private static final int SLOW_RATE = 10_000;
    private static final int SLOW_RATE_COLD = 2000;

    private static final Style LISTED = new Style(Names.Kind.LISTED, OUTSTANDING, SLOW_RATE, false);

    /** Everything, in this order; {@code soak} runs only when asked for. */
    public static final List<String> WORKLOADS =
            List.of(
                    "denied",
                    "cached",
                    "mixed",
                    "cold",
                    "cold-pinned",
                    "networks",
                    "patterns",
                    "overload",
                    "fairness");

    /** All servers by name, ours first. */
    public static List<String> servers() {
        return List.of(Peer.values()).stream().map(Peer::title).toList();
    }

    /**
     * @param quick rough numbers in less than three minutes
     * @param only workloads; empty: all
     * @param servers by name; empty: all
     * @param seconds load a turn, instead of the usual
     * @param rounds turns a server, instead of the usual
     * @param soakMinutes nothing but a soak of this length
     * @param json where results go; otherwise into the documentation of the checkout, if all ran
     * @param launcher this program's own
     */
    public record Options(
            boolean quick,
            List<String> only,
            List<String> servers,
            Optional<Double> seconds,
            Optional<Integer> rounds,
            Optional<Double> soakMinutes,
            Optional<Path> json,
            Path launcher) {
        public Options {
            only = List.copyOf(only);
            servers = List.copyOf(servers);
            for (String workload : only) {
                if (!WORKLOADS.contains(workload)) {
                    throw new IllegalArgumentException(
                            "--only: there is no workload \""
                                    + workload
                                    + "\"; these are: "
                                    + String.join(", ", WORKLOADS));
                }
            }
            servers.forEach(Peer::parse);
        }

        private boolean wants(String workload) {
            return only.isEmpty() || only.contains(workload);
        }

        private List<Peer> peers() {
            return List.of(Peer.values()).stream()
                    .filter(peer -> servers.isEmpty() || servers.contains(peer.title()))
                    .toList();
        }

        private Pace pace() {
            return quick
                    ? new Pace(rounds.orElse(1), seconds.orElse(1.5), 0.7, 0.3, 3)
                    : new Pace(rounds.orElse(3), seconds.orElse(4.0), 2, 0.7, 8);
        }
    }

    private final Options options;
    private final PrintWriter out;
    private final Lab lab;
    private final Names names;
    private final Contest contest;
    private final Path spreader;
    private final Field field;
    private final List<Result> results = new ArrayList<>();

    private Bench(Options options, PrintWriter out, PrintWriter progress, Lab lab)
            throws IOException {
        this.options = options;
        this.out = out;
        this.lab = lab;
        this.names = new Names(lab.directory());
        this.contest = new Contest(names, options.pace(), progress);
        this.spreader = lab.compile("spreader");
        this.field = new Field(lab, options.launcher(), spreader, contest, progress, FIRST_PORT);
    }

    /**
     * Runs what the options say. The process must be the first of a process namespace, in a network
     * namespace of its own: nothing is cleaned up that the end of these would not clean up too.
     *
     * @throws IOException if this machine cannot do it, with the reason
     */
    public static void run(Options options, PrintWriter out, PrintWriter progress)
            throws IOException, InterruptedException {
        if (Machine.cores() < 2) {
            throw new IOException(
                    "the bench needs two processors: one for the server, one for the load");
        }
        try (Lab lab = Lab.open(MEMORY)) {
            Bench bench = new Bench(options, out, progress, lab);
            bench.field.startUpstream();
            if (options.soakMinutes().isPresent()) {
                bench.soak(options.soakMinutes().get(), progress);
            } else {
                bench.workloads();
            }
            bench.write();
        }
    }

    private void workloads() throws IOException, InterruptedException {
        alike();
        if (options.wants("cold-pinned")) {
            pinned();
        }
        if (options.wants("networks")) {
            networks();
        }
        if (options.wants("patterns")) {
            patterns();
        }
        if (options.wants("overload")) {
            overload();
        }
        if (options.wants("fairness")) {
            fairness();
        }
    }

    /** The workloads of all servers on the loopback, with the same short list. */
    private void alike() throws IOException, InterruptedException {
        List<String> wanted =
                List.of("denied", "cached", "mixed", "cold").stream()
                        .filter(options::wants)
                        .toList();
        if (wanted.isEmpty()) {
            return;
        }
        List<Row> leftOut = new ArrayList<>();
        List<Entry> entries = field.start(options.peers(), SHORT_LIST, leftOut);
        for (String workload : wanted) {
            Style style =
                    switch (workload) {
                        case "denied" -> new Style(Names.Kind.DENIED, OUTSTANDING, SLOW_RATE, true);
                        case "cached" -> new Style(Names.Kind.CACHED, OUTSTANDING, SLOW_RATE, true);
                        case "mixed" -> new Style(Names.Kind.MIXED, OUTSTANDING, SLOW_RATE, true);
                        default ->
                                new Style(Names.Kind.COLD, OUTSTANDING_COLD, SLOW_RATE_COLD, true);
                    };
            // The reflector asks nobody and answers all alike: it is the floor of the first two.
            boolean withReflector = style.kind() != Names.Kind.COLD;
            List<Entry> taking =
                    entries.stream()
                            .filter(entry ->
                                    withReflector || !entry.server().equals(Peer.REFLECTOR.title()))
                            .toList();
            List<Row> rows = contest.run(workload, style, taking);
            rows.addAll(leftOut);
            tell(new Result(workload, about(style.kind()), rows));
        }
        entries.forEach(entry -> lab.end(entry.running()));
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

    private void pinned() throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        List<Row> leftOut = new ArrayList<>();
        Optional<Yard> ours = Optional.empty();
        for (Peer peer : List.of(Peer.SALLYPORT, Peer.UNBOUND, Peer.DNSDIST)) {
            if (!options.peers().contains(peer)) {
                continue;
            }
            try {
                Yard yard =
                        new Yard(lab, options.launcher(), spreader, peer, "cold-" + peer.title());
                Entry entry = checked(yard);
                entries.add(entry);
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
        String pins = ours.isPresent() ? ours.get().pins() + " entries" : "no entry";
        tell(
                new Result(
                        "cold-pinned",
                        "as cold, from "
                                + Yard.SESSIONS
                                + " bound sessions behind a veth; sallyport is the whole node and has "
                                + pins
                                + " in its pin sets now, the others pin nothing",
                        rows));
        entries.forEach(entry -> lab.end(entry.running()));
    }

    /** Starts a yard's server and makes sure that it answers right. */
    private Entry checked(Yard yard) throws IOException, InterruptedException {
        Entry entry = yard.start();
        String problem = contest.check(entry.asker(), SHORT_LIST);
        if (!problem.isEmpty()) {
            // Some need a moment.
            Thread.sleep(1000);
            problem = contest.check(entry.asker(), SHORT_LIST);
        }
        if (!problem.isEmpty()) {
            lab.end(entry.running());
            throw new IOException(problem + "; " + entry.running().lastWords());
        }
        entry.running().freeze();
        return entry;
    }

    private void networks() throws IOException, InterruptedException {
        List<Row> leftOut = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        entries.addAll(
                field.startOurs(
                        "sallyport networks-1",
                        List.of("--client", MANY_NETWORKS),
                        MANY_SOURCES,
                        1,
                        leftOut));
        entries.addAll(
                field.startOurs(
                        "sallyport networks-1000",
                        List.of("--each", MANY_NETWORKS),
                        MANY_SOURCES,
                        MANY,
                        leftOut));
        flat("networks", "half denied, half cached, asked by %s network(s)", entries, leftOut);
    }

    private void patterns() throws IOException, InterruptedException {
        List<Row> leftOut = new ArrayList<>();
        List<Entry> entries = new ArrayList<>();
        for (Peer peer : options.peers()) {
            if (peer == Peer.REFLECTOR || (options.quick() && peer != Peer.SALLYPORT)) {
                continue;
            }
            if (!peer.takesLongLists()) {
                leftOut.add(
                        new LeftOut(
                                peer.title(), "its allow-list is not made for a million domains"));
                continue;
            }
            for (int patterns : List.of(SHORT_LIST, LONG_LIST)) {
                for (Entry entry : field.start(List.of(peer), patterns, leftOut)) {
                    entries.add(
                            new Entry(
                                    entry.server() + " patterns-" + patterns,
                                    entry.running(),
                                    entry.asker(),
                                    patterns));
                }
            }
        }
        flat("patterns", about(Names.Kind.LISTED) + " of %s domains", entries, leftOut);
    }

    /** Small and large in turns; told as two results, NAME-SMALL and NAME-LARGE. */
    private void flat(String name, String about, List<Entry> entries, List<Row> leftOut)
            throws IOException, InterruptedException {
        List<Row> rows = contest.run(name, LISTED, entries);
        rows.addAll(leftOut);
        List<String> sizes =
                name.equals("networks") ? List.of("1", "1000") : List.of("10", "1000000");
        for (String size : sizes) {
            String suffix = " " + name + "-" + size;
            List<Row> of = new ArrayList<>();
            for (Row row : rows) {
                String server = row.server();
                if (server.endsWith(suffix)) {
                    of.add(named(row, server.substring(0, server.length() - suffix.length())));
                } else if (!server.contains(" ")) {
                    of.add(row);
                }
            }
            tell(new Result(name + "-" + size, about.formatted(size), of));
        }
        entries.forEach(entry -> lab.end(entry.running()));
    }

    private static Row named(Row row, String server) {
        return switch (row) {
            case Result.Measured it ->
                    new Result.Measured(
                            server,
                            it.cpuMicros(),
                            it.cpuLeast(),
                            it.cpuMost(),
                            it.qps(),
                            it.p50Micros(),
                            it.p99Micros(),
                            it.residentMb(),
                            it.lost(),
                            it.wrong());
            case LeftOut it -> new LeftOut(server, it.reason());
            case Result.Flooded it -> it;
            case Result.Soaked it -> it;
        };
    }

    private void overload() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<Entry> entries =
                field.startOurs(
                        "sallyport", List.of("--each", MANY_NETWORKS), MANY_SOURCES, 1, rows);
        for (Entry entry : entries) {
            rows.add(
                    new Flood(lab, names, floodSeconds())
                            .run(entry, MANY_SOURCES, "127.10.0.10", OTHERS, Names.Kind.COLD));
            lab.end(entry.running());
        }
        tell(
                new Result(
                        "overload",
                        "one network floods the resolver alone (no firewall) with cold names, 20 others ask",
                        rows));
    }

    private void fairness() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try {
            Yard yard = new Yard(lab, options.launcher(), spreader, Peer.SALLYPORT, "fair");
            Entry entry = checked(yard);
            rows.add(
                    new Flood(lab, names, floodSeconds())
                            .run(entry, Yard.address(0), Yard.address(1), OTHERS, Names.Kind.COLD));
            lab.end(entry.running());
        } catch (IOException e) {
            rows.add(new LeftOut(Peer.SALLYPORT.title(), String.valueOf(e.getMessage())));
        }
        tell(
                new Result(
                        "fairness",
                        "one session of a node floods it with cold names, 20 others ask",
                        rows));
    }

    private double floodSeconds() {
        return options.quick() ? 2 : 10;
    }

    private void soak(double minutes, PrintWriter progress)
            throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        for (Entry entry : field.start(List.of(Peer.SALLYPORT), SHORT_LIST, rows)) {
            rows.add(new Soak(lab, names, progress).run(entry, minutes));
        }
        tell(new Result("soak", "half of what the server can do, mixed names", rows));
    }

    private void tell(Result result) {
        results.add(result);
        out.print(Table.of(result));
        out.flush();
    }

    /** A whole run from a checkout is its documentation. */
    private void write() throws IOException {
        String json = Json.of(Machine.describe(options.peers()), results);
        if (options.json().isPresent()) {
            Files.writeString(options.json().get(), json);
        }
        Path docs = options.launcher().resolveSibling("docs");
        boolean whole =
                !options.quick()
                        && options.only().isEmpty()
                        && options.servers().isEmpty()
                        && options.soakMinutes().isEmpty();
        if (whole && Files.isWritable(docs)) {
            Files.writeString(docs.resolve("bench.json"), json);
            Files.writeString(docs.resolve("bench.svg"), Chart.of(results));
            out.println("\nwritten: " + docs.resolve("bench.json") + " and bench.svg beside it");
            out.flush();
        }
    }
}
