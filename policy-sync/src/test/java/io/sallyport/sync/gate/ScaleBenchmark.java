package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Many networks on one node, a process of its own in a namespace with real interfaces: how long a
 * start and an end take through the node's socket, what the node takes of memory and CPU. Starts
 * come one after another, then 50 at once; then 100 ends one after another. Run as root with the
 * classes of the tests:
 *
 * <pre>ScaleBenchmark NETWORKS [ONE-BY-ONE-FROM]</pre>
 *
 * Up to the second number networks start eight at a time, which saves minutes.
 */
final class ScaleBenchmark {
    private static final int STEP = 100;
    private static final int REAL = 5;
    private static final int IDLE_SECONDS = 20;
    private static final int CLIENTS = 8;
    private static final int AT_ONCE = 50;
    private static final int ENDS = 100;
    private static final double MILLION = 1e6;

    private final Gate gate;
    private final Netns guests;
    private final int networks;
    private final int alone;
    private final NodeClient client;
    private final List<String> sessions = Collections.synchronizedList(new ArrayList<>());
    private int cables;

    private ScaleBenchmark(Gate gate, Netns guests, int networks, int alone) throws IOException {
        this.gate = gate;
        this.guests = guests;
        this.networks = networks;
        this.alone = alone;
        this.client = gate.client();
    }

    public static void main(String[] arguments) throws Exception {
        int networks = Integer.parseInt(arguments[0]);
        int alone = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        try (Netns guests = Netns.create("scale-guests");
                Gate gate =
                        Gate.in(
                                World.start(),
                                List.of(
                                        "--upstream",
                                        World.UPSTREAM4,
                                        "--sandbox-interface",
                                        "sb+"))) {
            new ScaleBenchmark(gate, guests, networks, alone).run();
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
        lay(STEP);
        long cpu = cpuMillis();
        List<Double> starts = new ArrayList<>();
        if (from < alone) {
            all(from, STEP, CLIENTS);
        } else {
            for (int i = from; i < from + STEP; i++) {
                int number = i;
                starts.add(timed(() -> sessions.add(start(number))));
            }
            print("start, one after another, to " + (from + STEP) + " networks", starts);
        }
        System.out.printf(
                Locale.ROOT,
                "  %d networks: CPU a start %.1f ms, resident %d MB%n",
                from + STEP,
                (double) (cpuMillis() - cpu) / STEP,
                residentMegabytes());
    }

    /** Starts many at once, and says how long each took. */
    private List<Double> all(int from, int many, int clients) throws Exception {
        try (ExecutorService all = Executors.newFixedThreadPool(clients)) {
            List<Future<Double>> running = new ArrayList<>();
            for (int i = from; i < from + many; i++) {
                int number = i;
                running.add(all.submit(() -> timed(() -> sessions.add(start(number)))));
            }
            List<Double> starts = new ArrayList<>();
            for (Future<Double> one : running) {
                starts.add(one.get());
            }
            return starts;
        }
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

    private void together() throws Exception {
        lay(AT_ONCE);
        long begin = System.nanoTime();
        List<Double> starts = all(networks, AT_ONCE, AT_ONCE);
        System.out.printf(
                Locale.ROOT,
                "%d starts at once: %.0f ms in all%n",
                AT_ONCE,
                (System.nanoTime() - begin) / MILLION);
        print("  each", starts);
    }

    private void ends() throws Exception {
        long cpu = cpuMillis();
        List<Double> ends = new ArrayList<>();
        for (String session : List.copyOf(sessions.subList(0, ENDS))) {
            ends.add(timed(() -> client.delete("/v1/sessions/" + session)));
        }
        print("end, one after another", ends);
        System.out.printf(
                Locale.ROOT, "  CPU an end %.1f ms%n", (double) (cpuMillis() - cpu) / ends.size());
    }

    /** Cables whose far ends are in one namespace: nothing is sent over them. */
    private void lay(int more) throws Exception {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < more; i++, cables++) {
            script.append(
                    "link add sb%d type veth peer name e%d netns %s\nlink set sb%d up\n"
                            .formatted(cables, cables, guests.name(), cables));
        }
        Process ip =
                gate.world()
                        .host()
                        .entered("ip", "-batch", "-")
                        .inheritIO()
                        .redirectInput(ProcessBuilder.Redirect.PIPE)
                        .start();
        try (var in = ip.getOutputStream()) {
            in.write(script.toString().getBytes(StandardCharsets.US_ASCII));
        }
        if (ip.waitFor() != 0) {
            throw new IOException("the cables cannot be laid");
        }
    }

    private String start(int number) throws IOException, NodeClient.Refused {
        String tail = number / 60 + "." + (number % 60 * 4 + 2);
        ObjectNode body =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("org", "acme")
                        .put("mode", "enforce")
                        .put("interface", "sb" + number);
        body.putArray("addresses").add("10.88." + tail).add("fd88::" + tail.replace('.', ':'));
        return client.post("/v1/sessions", body).path("id").stringValue();
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
