package io.sallyport.sync.gate;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * Many networks on one node, a process of its own in a namespace with real interfaces: how long a
 * start and an end take through the node's socket, what the node takes of memory and CPU. Starts
 * come one after another, then from eight clients at once. Run as root with the classes of the
 * tests:
 *
 * <pre>ScaleBenchmark NETWORKS [CLIENTS]</pre>
 */
final class ScaleBenchmark {
    private static final int STEP = 100;
    private static final int REAL = 5;
    private static final int IDLE_SECONDS = 20;
    private static final double MILLION = 1e6;

    private final Gate gate;
    private final Crowd crowd;
    private final int networks;
    private final int clients;
    private final List<String> sessions = Collections.synchronizedList(new ArrayList<>());

    private ScaleBenchmark(Gate gate, Crowd crowd, int networks, int clients) {
        this.gate = gate;
        this.crowd = crowd;
        this.networks = networks;
        this.clients = clients;
    }

    public static void main(String[] arguments) throws Exception {
        int networks = Integer.parseInt(arguments[0]);
        int clients = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8;
        try (Gate gate =
                        Gate.in(
                                World.start(),
                                List.of(
                                        "--upstream",
                                        World.UPSTREAM4,
                                        "--sandbox-interface",
                                        "sb+"));
                Crowd crowd = new Crowd(gate)) {
            new ScaleBenchmark(gate, crowd, networks, clients).run();
        }
    }

    private void run() throws Exception {
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
        List<Sandbox> real = new ArrayList<>();
        for (int i = 0; i < REAL; i++) {
            real.add(gate.sandbox("sbr" + i, "acme"));
        }
        for (int from = 0; from < networks; from += STEP) {
            crowd.lay(STEP);
            int first = from;
            long cpu = cpuMillis();
            List<Double> starts = new ArrayList<>();
            for (int i = 0; i < STEP; i++) {
                int number = first + i;
                starts.add(timed(() -> sessions.add(crowd.start(number, "acme"))));
            }
            print((from + STEP) + " networks, start", starts);
            System.out.printf(
                    Locale.ROOT,
                    "  CPU a start %.1f ms, resident %d MB%n",
                    (double) (cpuMillis() - cpu) / STEP,
                    residentMegabytes());
        }
        queries(real);
        idle();
        together();
        ends();
        Thread.sleep(1000);
        System.out.printf(
                Locale.ROOT,
                "left after all ends: %d sets, %d rules; resident %d MB%n",
                lines("ipset", "list", "-n"),
                lines("iptables-save"),
                residentMegabytes());
    }

    private void queries(List<Sandbox> real) throws Exception {
        List<Double> queries = new ArrayList<>();
        for (Sandbox sandbox : real) {
            sandbox.run("dig", "+short", "www.example.com").ok();
            queries.add(timed(() -> sandbox.run("dig", "+short", "www.example.com").ok()));
        }
        print("a query, with the process that asks", queries);
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

    /** A tenth of the networks end and start again, from several clients. */
    private void together() throws Exception {
        int some = networks / 10;
        List<String> last = new ArrayList<>(sessions.subList(networks - some, networks));
        sessions.removeAll(last);
        List<Double> ends = new ArrayList<>();
        try (ExecutorService all = Executors.newFixedThreadPool(clients)) {
            long begin = System.nanoTime();
            List<Future<Double>> running = new ArrayList<>();
            last.forEach(session -> running.add(all.submit(() -> timed(() -> gate.end(session)))));
            for (Future<Double> one : running) {
                ends.add(one.get());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d ends from %d clients: %.0f ms in all%n",
                    some,
                    clients,
                    (System.nanoTime() - begin) / MILLION);
            print("  each", ends);
            begin = System.nanoTime();
            running.clear();
            for (int i = networks - some; i < networks; i++) {
                int number = i;
                running.add(
                        all.submit(() -> timed(() -> sessions.add(crowd.start(number, "acme")))));
            }
            List<Double> starts = new ArrayList<>();
            for (Future<Double> one : running) {
                starts.add(one.get());
            }
            System.out.printf(
                    Locale.ROOT,
                    "%d starts from %d clients: %.0f ms in all%n",
                    some,
                    clients,
                    (System.nanoTime() - begin) / MILLION);
            print("  each", starts);
        }
    }

    private void ends() throws Exception {
        long cpu = cpuMillis();
        List<Double> ends = new ArrayList<>();
        for (String session : List.copyOf(sessions)) {
            ends.add(timed(() -> gate.end(session)));
        }
        print("ends, one after another", ends);
        System.out.printf(
                Locale.ROOT,
                "  CPU an end %.1f ms%n",
                (double) (cpuMillis() - cpu) / Math.max(1, ends.size()));
    }

    @FunctionalInterface
    private interface Work {
        void run() throws Exception;
    }

    private static double timed(Work work) throws Exception {
        long begin = System.nanoTime();
        work.run();
        return (System.nanoTime() - begin) / MILLION;
    }

    private static void print(String what, List<Double> millis) {
        List<Double> sorted = millis.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "%s: median %.1f ms, p95 %.1f ms%n",
                what,
                sorted.get(sorted.size() / 2),
                sorted.get(sorted.size() * 95 / 100));
    }

    private long lines(String... command) {
        return gate.world().host().run(command).output().lines().count();
    }

    private long pid() throws IOException {
        return new JsonMapper()
                .readTree(
                        Files.readString(
                                new DataDirectory(gate.data()).path().resolve("endpoints.json")))
                .path("pid")
                .longValue();
    }

    /** Of the node and of the processes that it has waited for. */
    private long cpuMillis() throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        long ticks = 0;
        for (int i = 11; i <= 14; i++) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks * 10;
    }

    private long residentMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .sum();
    }
}
