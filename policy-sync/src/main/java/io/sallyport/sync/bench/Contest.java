package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Row;
import io.sallyport.sync.bench.Result.Turn;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Lets servers take turns under the same load: all but one stand still, each round begins with
 * another one, and the median of the rounds counts.
 */
final class Contest {
    /**
     * How long and how often.
     *
     * @param rounds turns a server
     * @param seconds load a turn
     * @param latencySeconds of each turn, asking slowly
     * @param warmSeconds before each turn
     * @param firstWarmSeconds before the first turn of ours: a Java machine compiles meanwhile
     */
    record Pace(
            int rounds,
            double seconds,
            double latencySeconds,
            double warmSeconds,
            double firstWarmSeconds) {}

    /**
     * What the clients do.
     *
     * @param outstanding questions under way at once
     * @param slowRate questions a second when latency is measured
     * @param dnsperf whether dnsperf makes the load; else our spreader, which has many addresses
     */
    record Style(Names.Kind kind, int outstanding, int slowRate, boolean dnsperf) {
        /** A name a question: enough for the fastest server. */
        static final int MOST_COLD = 100_000;

        static final int MOST_MIXED = 200_000;
    }

    /**
     * One server in the contest.
     *
     * @param server its name in the table
     * @param patterns the length of its allow-list
     * @param renewal what is to be done before each load that is measured
     */
    record Entry(String server, Running running, Asker asker, int patterns, Renewal renewal) {

        Entry(String server, Running running, Asker asker, int patterns) {
            this(server, running, asker, patterns, () -> {});
        }
    }

    /** Makes a server as it was when it started, as far as its load wears it out. */
    @FunctionalInterface
    interface Renewal {
        void renew() throws IOException;
    }

    private static final int REPEATED_NAMES = 10_000;

    /** Answers of the kind that no healthy server gives more often. */
    private static final double MOST_WRONG = 0.01;

    private static final double CHECK_SECONDS = 0.3;
    private static final int CHECK_RATE = 100;

    private final Names names;
    private final Pace pace;
    private final PrintWriter progress;

    Contest(Names names, Pace pace, PrintWriter progress) {
        this.names = names;
        this.pace = pace;
        this.progress = progress;
    }

    /**
     * Asks for names that are allowed, then for some that are not. Empty if all is as it should be.
     */
    String check(Asker asker, int patterns) throws IOException, InterruptedException {
        for (Names.Kind kind : List.of(Names.Kind.CACHED, Names.Kind.COLD, Names.Kind.DENIED)) {
            Path file = names.write(kind, patterns, CHECK_RATE);
            Load load = asker.spread(file, CHECK_SECONDS, "-Q", CHECK_RATE);
            Files.delete(file);
            if (load.lost() > 0 || load.wrong(kind) > 0 || load.completed() == 0) {
                return "answers wrong: asked for names that are "
                        + (kind == Names.Kind.DENIED ? "denied" : "allowed")
                        + ", got "
                        + load.rcodes()
                        + " with "
                        + load.records()
                        + " of "
                        + load.sent()
                        + " having records";
            }
        }
        return "";
    }

    /** Runs all rounds; every entry comes back as a row, in order. Entries must stand still. */
    List<Row> run(String workload, Style style, List<Entry> entries)
            throws IOException, InterruptedException {
        Map<Entry, List<Turn>> turns = new HashMap<>();
        Map<Entry, String> failed = new HashMap<>();
        for (int round = 0; round < pace.rounds(); round++) {
            Map<Integer, Questions> files = new HashMap<>();
            for (int i = 0; i < entries.size(); i++) {
                Entry entry = entries.get((i + round) % entries.size());
                if (failed.containsKey(entry)) {
                    continue;
                }
                progress.printf("  %s, round %d: %s%n", workload, round + 1, entry.server());
                progress.flush();
                Questions questions = files.get(entry.patterns());
                if (questions == null) {
                    questions = files(style, entry.patterns(), round == 0);
                    files.put(entry.patterns(), questions);
                }
                try {
                    Turn turn = turn(style, entry, questions, round == 0);
                    turns.computeIfAbsent(entry, _ -> new ArrayList<>()).add(turn);
                } catch (IOException | IllegalArgumentException e) {
                    failed.put(entry, String.valueOf(e.getMessage()));
                }
            }
            for (Questions each : files.values()) {
                each.delete();
            }
        }
        List<Row> rows = new ArrayList<>();
        for (Entry entry : entries) {
            String problem = failed.get(entry);
            rows.add(
                    problem == null
                            ? Result.measured(entry.server(), turns.getOrDefault(entry, List.of()))
                            : new LeftOut(entry.server(), problem));
        }
        return rows;
    }

    private Turn turn(Style style, Entry entry, Questions files, boolean first)
            throws IOException, InterruptedException {
        Running running = entry.running();
        running.thaw();
        try {
            boolean compiles = first && entry.server().equals(Peer.SALLYPORT.title());
            double warm = compiles ? pace.firstWarmSeconds() : pace.warmSeconds();
            entry.renewal().renew();
            load(style, entry, files.warm, warm);
            long before = running.cpuMicros();
            Load load = load(style, entry, files.load, pace.seconds());
            long cpu = running.cpuMicros() - before;
            Load slow =
                    entry.asker().spread(files.slow, pace.latencySeconds(), "-Q", style.slowRate());
            boolean judged = !entry.server().equals(Peer.REFLECTOR.title());
            long wrong = judged ? load.wrong(style.kind()) + slow.wrong(style.kind()) : 0;
            if (load.completed() == 0 || wrong > MOST_WRONG * load.completed()) {
                throw new IOException(
                        "answers wrong under load: %d of %d; %s"
                                .formatted(wrong, load.completed(), load.rcodes()));
            }
            return new Turn(
                    cpu / (double) load.completed(),
                    load.rate(),
                    slow.p50(),
                    slow.p99(),
                    running.residentMb(),
                    load.lost() + slow.lost(),
                    wrong);
        } finally {
            running.freeze();
        }
    }

    private static Load load(Style style, Entry entry, Path file, double seconds)
            throws IOException, InterruptedException {
        boolean once = style.kind() == Names.Kind.COLD || style.kind() == Names.Kind.MIXED;
        return style.dnsperf()
                ? entry.asker().dnsperf(file, seconds, style.outstanding(), once)
                : entry.asker().spread(file, seconds, "-q", style.outstanding());
    }

    private Questions files(Style style, int patterns, boolean first) throws IOException {
        double warm = first ? pace.firstWarmSeconds() : pace.warmSeconds();
        return new Questions(
                names.write(style.kind(), patterns, count(style.kind(), warm)),
                names.write(style.kind(), patterns, count(style.kind(), pace.seconds())),
                names.write(
                        style.kind(),
                        patterns,
                        (int) (style.slowRate() * (pace.latencySeconds() + 1))));
    }

    private static int count(Names.Kind kind, double seconds) {
        return switch (kind) {
            case DENIED, CACHED, LISTED -> REPEATED_NAMES;
            case COLD -> (int) (Style.MOST_COLD * seconds);
            case MIXED -> (int) (Style.MOST_MIXED * seconds);
        };
    }

    /** The names of one round: the same for all servers. */
    private record Questions(Path warm, Path load, Path slow) {
        void delete() throws IOException {
            for (Path file : List.of(warm, load, slow)) {
                Files.delete(file);
            }
        }
    }
}
