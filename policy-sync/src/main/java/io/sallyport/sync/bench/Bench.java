package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Pace;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run of the benchmark, workload by workload. */
public final class Bench {
    static final int SHORT_LIST = 10;

    /** The launcher mounts a file system in memory there, which ends with the namespace. */
    private static final Path MEMORY = Path.of("/run");

    private static final int FIRST_PORT = 5300;

    /** In this order; the four that all servers take part in alike. */
    private static final Map<String, Names.Kind> ALIKE = alike();

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

    private static Map<String, Names.Kind> alike() {
        Map<String, Names.Kind> workloads = new LinkedHashMap<>();
        workloads.put("denied", Names.Kind.DENIED);
        workloads.put("cached", Names.Kind.CACHED);
        workloads.put("mixed", Names.Kind.MIXED);
        workloads.put("cold", Names.Kind.COLD);
        return workloads;
    }

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

        List<Peer> peers() {
            return List.of(Peer.values()).stream()
                    .filter(peer -> servers.isEmpty() || servers.contains(peer.title()))
                    .toList();
        }

        private boolean wants(String workload) {
            return only.isEmpty() || only.contains(workload);
        }

        /** Whether the results are this version's documentation. */
        private boolean whole() {
            return !quick && only.isEmpty() && servers.isEmpty() && soakMinutes.isEmpty();
        }

        private Pace pace() {
            return quick
                    ? new Pace(rounds.orElse(1), seconds.orElse(1.0), 0.5, 0.3, 3)
                    : new Pace(rounds.orElse(3), seconds.orElse(4.0), 2, 2, 8);
        }

        private double floodSeconds() {
            return quick ? 1.5 : 10;
        }
    }

    private final Options options;
    private final PrintWriter out;
    private final List<Result> results = new ArrayList<>();

    private Bench(Options options, PrintWriter out) {
        this.options = options;
        this.out = out;
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
            Bench bench = new Bench(options, out);
            Names names = new Names(lab.directory());
            Contest contest = new Contest(names, options.pace(), progress);
            Path spreader = lab.compile("spreader");
            Field field =
                    new Field(lab, options.launcher(), spreader, contest, progress, FIRST_PORT);
            field.startUpstream();
            Trials trials = new Trials(lab, options, spreader, names, contest, field, bench::tell);
            if (options.soakMinutes().isPresent()) {
                trials.soak(options.soakMinutes().get(), progress);
            } else {
                bench.all(trials);
            }
            bench.write();
        }
    }

    private void all(Trials trials) throws IOException, InterruptedException {
        Map<String, Names.Kind> alike = new LinkedHashMap<>(ALIKE);
        alike.keySet().removeIf(workload -> !options.wants(workload));
        trials.alike(alike);
        if (options.wants("cold-pinned")) {
            trials.pinned();
        }
        if (options.wants("networks")) {
            trials.networks();
        }
        if (options.wants("patterns")) {
            trials.patterns();
        }
        if (options.wants("overload")) {
            trials.overload(options.floodSeconds());
        }
        if (options.wants("fairness")) {
            trials.fairness(options.floodSeconds());
        }
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
        if (options.whole() && Files.isWritable(docs)) {
            Files.writeString(docs.resolve("bench.json"), json);
            Files.writeString(docs.resolve("bench.svg"), Chart.of(results));
            out.println("\nwritten: " + docs.resolve("bench.json") + " and bench.svg beside it");
            out.flush();
        }
    }
}
