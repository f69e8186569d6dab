package io.sallyport.sync.gate;

import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Many networks on one node, a process of its own in a namespace with real interfaces: how long a
 * start and an end take through the node's socket, what the node takes of memory and CPU. Starts
 * come one after another, then 50 at once; then 100 ends one after another. Run as root with the
 * classes of the tests, the node by the launcher that {@code sallyport.launcher} names:
 *
 * <pre>ScaleBenchmark NETWORKS [ONE-BY-ONE-FROM]</pre>
 *
 * Up to the second number networks start eight at a time, which saves minutes.
 */
final class ScaleBenchmark {
    private static final String ORG = "acme";
    private static final int STEP = 100;
    private static final int REAL = 5;
    private static final int IDLE_SECONDS = 20;
    private static final int CLIENTS = 8;
    private static final int AT_ONCE = 50;
    private static final int ENDS = 100;

    private final Gate gate;
    private final Crowd crowd;
    private final int networks;
    private final int alone;
    private final List<String> sessions = Collections.synchronizedList(new ArrayList<>());

    private ScaleBenchmark(Gate gate, Crowd crowd, int networks, int alone) {
        this.gate = gate;
        this.crowd = crowd;
        this.networks = networks;
        this.alone = alone;
    }

    public static void main(String[] arguments) throws Exception {
        int networks = Integer.parseInt(arguments[0]);
        int alone = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        List<String> options = List.of("--upstream", World.UPSTREAM4, "--sandbox-interface", "sb+");
        try (Gate gate = Gate.in(World.start(), options);
                Crowd crowd = new Crowd(gate)) {
            new ScaleBenchmark(gate, crowd, networks, alone).run();
        }
    }

    private void run() throws Exception {
        gate.admin("org", "create", ORG);
        gate.admin("org", "set", ORG, "--level", "none");
        gate.admin("org", "allow", ORG, ".example.com");
        List<Sandbox> real = new ArrayList<>();
        for (int i = 0; i < REAL; i++) {
            real.add(gate.sandbox("sbr" + i, ORG));
        }
        for (int from = 0; from < networks; from += STEP) {
            step(from);
        }
        queries(real);
        idle();
        together();
        ends();
        Thread.sleep(1000);
        System.out.printf(
                Locale.ROOT,
                "left after %d ends: %d sets, %d rules; resident %d MB%n",
                ENDS,
                lines("ipset", "list", "-n"),
                lines("iptables-save"),
                residentMegabytes());
    }

    private void step(int from) throws Exception {
        crowd.lay(STEP);
        long cpu = cpuMillis();
        if (from < alone) {
            var _ = crowd.startAll(from, STEP, CLIENTS, ORG, sessions);
        } else {
            Times starts = new Times("start, one after another, to " + (from + STEP) + " networks");
            for (int i = from; i < from + STEP; i++) {
                int number = i;
                starts.time(() -> sessions.add(crowd.start(number, ORG)));
            }
            starts.print();
        }
        System.out.printf(
                Locale.ROOT,
                "  %d networks: CPU a start %.1f ms, resident %d MB%n",
                from + STEP,
                (double) (cpuMillis() - cpu) / STEP,
                residentMegabytes());
    }

    private void queries(List<Sandbox> real) throws Exception {
        Times queries = new Times("a query, with the process that asks");
        for (Sandbox sandbox : real) {
            sandbox.run("dig", "+short", "www.example.com").ok();
            queries.time(() -> sandbox.run("dig", "+short", "www.example.com").ok());
        }
        queries.print();
    }

    private void idle() throws Exception {
        long cpu = cpuMillis();
        Thread.sleep(TimeUnit.SECONDS.toMillis(IDLE_SECONDS));
        System.out.printf(
                Locale.ROOT,
                "idle: %.1f %% of a core, ready %s, resident %d MB%n",
                (cpuMillis() - cpu) / 10.0 / IDLE_SECONDS,
                gate.ready(),
                residentMegabytes());
    }

    private void together() throws Exception {
        crowd.lay(AT_ONCE);
        long begin = System.nanoTime();
        Times starts = crowd.startAll(networks, AT_ONCE, AT_ONCE, ORG, sessions);
        System.out.printf(
                Locale.ROOT,
                "%d starts at once: %d ms in all%n",
                AT_ONCE,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        starts.print();
    }

    private void ends() throws Exception {
        long cpu = cpuMillis();
        Times ends = new Times("end, one after another");
        for (String session : List.copyOf(sessions.subList(0, ENDS))) {
            ends.time(() -> crowd.end(session));
        }
        ends.print();
        System.out.printf(
                Locale.ROOT, "  CPU an end %.1f ms%n", (double) (cpuMillis() - cpu) / ENDS);
    }

    private long lines(String... command) {
        return gate.world().host().run(command).output().lines().count();
    }

    /** Of the node and of the processes that it has waited for. */
    private long cpuMillis() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + gate.pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int i = 11; i <= 14; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * 10;
    }

    private long residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + gate.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum();
    }
}
