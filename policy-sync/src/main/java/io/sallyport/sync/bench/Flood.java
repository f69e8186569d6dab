package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Result.Flooded;
import io.sallyport.sync.bench.Result.Slow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One network asks as fast as this machine can send, the others as before. */
final class Flood {
    /** Slow enough for a sandbox at work, often enough for a 99th percentile. */
    private static final int OTHERS_RATE = 500;

    /** Within what the network limits of the others allow together. */
    private static final int WARM_RATE = 5000;

    /** Of names that nobody asked before: within what those who warm may ask upstreams together. */
    private static final int WARM_RATE_COLD = 2000;

    /** Quiet, a flood elsewhere and the flood take turns: what the machine does meets all three. */
    private static final int TURNS = 11;

    /** A thousand questions: ten of them decide on a turn's 99th percentile. */
    private static final double TURN_SECONDS = 2;

    /** A node that is flooded has been at work: the compiler is done with what it does. */
    private static final int WARM_TIMES = 3;

    private static final double HEAD_START_SECONDS = 0.5;
    private static final int INTERVAL_MILLIS = 50;
    private static final int A_SECOND = 1000 / INTERVAL_MILLIS;

    /** An answer that comes later than this is no recovery. */
    private static final long IN_TIME_MICROS = 20_000;

    private static final int NAMES = 200_000;

    /** A port that no server here has. */
    private static final int NOBODY = 5399;

    private final Lab lab;
    private final Names names;
    private final double seconds;
    private final double turn;
    private final int perSecond;

    /**
     * @param seconds to warm up with, and to ask in after the flood
     * @param perSecond questions of the flood; 0 is as many as a core can send
     */
    Flood(Lab lab, Names names, double seconds, int perSecond) {
        this.lab = lab;
        this.names = names;
        this.seconds = seconds;
        this.turn = Math.min(seconds, TURN_SECONDS);
        this.perSecond = perSecond;
    }

    /**
     * @param entry a server that stands still
     * @param flooder the address that floods
     * @param others the first of the addresses that do not, {@code count} of them
     * @param warmers the first of {@code count} further ones, which ask before anything is measured
     * @param kind what the flood asks for
     */
    Flooded run(
            Entry entry, String flooder, String others, String warmers, int count, Names.Kind kind)
            throws IOException, InterruptedException {
        Asker asker = entry.asker().from(others, count);
        Path asked = names.write(Names.Kind.CACHED, Bench.SHORT_LIST, NAMES);
        Path flood = names.write(kind, Bench.SHORT_LIST, NAMES);
        Running running = entry.running();
        running.thaw();
        try {
            Asker warming = entry.asker().from(warmers, count);
            warming.spread(flood, WARM_TIMES * seconds, "-Q", WARM_RATE_COLD);
            asker.spread(asked, seconds, "-Q", WARM_RATE);
            double before = running.residentMb();
            Asker away = entry.asker().at(others, NOBODY).from(flooder, 1);
            Asker here = entry.asker().from(flooder, 1);
            Running nobody = nobody(asker, others);
            List<Load> quiet = new ArrayList<>();
            List<Load> elsewhere = new ArrayList<>();
            List<Load> during = new ArrayList<>();
            List<Load> offered = new ArrayList<>();
            for (int i = 0; i < TURNS; i++) {
                quiet.add(Load.ofSpreader(ask(asker, asked, turn)));
                Running misled = flood(away, flood);
                elsewhere.add(Load.ofSpreader(ask(asker, asked, turn)));
                offered(misled);
                Running flooding = flood(here, flood);
                during.add(Load.ofSpreader(ask(asker, asked, turn)));
                offered.add(offered(flooding));
            }
            lab.end(nobody);
            String after = ask(asker, asked, seconds);
            if (!running.isAlive()) {
                throw new IOException("ended under the flood: " + running.lastWords());
            }
            return new Flooded(
                    entry.server(),
                    offered.stream().mapToDouble(each -> each.sent() / each.seconds()).sum()
                            / TURNS,
                    offered.stream().mapToDouble(Load::rate).sum() / TURNS,
                    Slow.of(quiet),
                    Slow.of(elsewhere),
                    Slow.of(during),
                    recoveryMillis(after),
                    before,
                    running.residentMb());
        } finally {
            running.freeze();
        }
    }

    /** A socket that is there and that nobody reads. */
    private Running nobody(Asker asker, String address) throws IOException, InterruptedException {
        String program = lab.compile("reflector").toString();
        List<String> command = List.of(program, address, Integer.toString(NOBODY));
        Running nobody = lab.start("nobody", Lab.LOAD_CORE, asker.enter(), command);
        Thread.sleep((long) (HEAD_START_SECONDS * 1000));
        nobody.freeze();
        return nobody;
    }

    private Running flood(Asker asker, Path names) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("nice", "-n", "19"));
        command.addAll(asker.command(names, lasting(), "-f", perSecond));
        command.add(Asker.NEW_NAMES);
        Running flooding = lab.start("flood", Lab.LOAD_CORE, asker.enter(), command);
        Thread.sleep((long) (HEAD_START_SECONDS * 1000));
        return flooding;
    }

    private Load offered(Running flooding) throws IOException, InterruptedException {
        return Load.ofSpreader(flooding.await(lasting() + seconds + turn));
    }

    private double lasting() {
        return turn + 4 * HEAD_START_SECONDS;
    }

    /** The others' questions. Before the flood in the scheduler's eyes: the load is one core's. */
    private String ask(Asker asker, Path asked, double lasting)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(first());
        command.addAll(asker.command(asked, lasting, "-Q", OTHERS_RATE));
        command.addAll(List.of("-i", Integer.toString(INTERVAL_MILLIS)));
        return lab.run("others", Lab.LOAD_CORE, asker.enter(), command, lasting + 20);
    }

    private static List<String> first() {
        try {
            Lab.tool("chrt", "--fifo", "1", "true");
            return List.of("chrt", "--fifo", "1");
        } catch (IOException e) {
            return List.of("nice", "-n", "-10");
        }
    }

    /**
     * From the start of this asking to the begin of the first second in which no answer is lost,
     * and not more than one interval has a late one, which the machine itself makes now and then.
     */
    static double recoveryMillis(String text) {
        List<long[]> intervals =
                text.lines()
                        .filter(line -> line.startsWith("interval "))
                        .map(line -> line.substring(9).split(" ", -1))
                        .map(each -> Arrays.stream(each).mapToLong(Long::parseLong).toArray())
                        .toList();
        int first = 0;
        while (first < intervals.size() && !calm(intervals, first)) {
            first++;
        }
        return (double) first * INTERVAL_MILLIS;
    }

    private static boolean calm(List<long[]> intervals, int first) {
        int late = 0;
        for (long[] each : intervals.subList(first, Math.min(first + A_SECOND, intervals.size()))) {
            if (each[1] != each[2]) {
                return false;
            }
            late += each[3] > IN_TIME_MICROS ? 1 : 0;
        }
        return late <= 1;
    }
}
