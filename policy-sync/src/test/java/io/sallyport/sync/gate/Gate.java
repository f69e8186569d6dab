package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.cli.Cli;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A world with a node on its host. */
final class Gate implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;
    private static final String METRICS = "http://127.0.0.1:9153/metrics";

    private final World world;
    private final Path directory;
    private final String command;
    private final List<String> options;
    private final Map<String, String> environment;
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Process node;

    private Gate(
            World world,
            Path directory,
            String command,
            List<String> options,
            Map<String, String> environment) {
        this.world = world;
        this.directory = directory;
        this.command = command;
        this.options = options;
        this.environment = environment;
        this.node = startNode();
        forgetGreeting();
    }

    /** What the node asks its upstreams by itself is not what tests look for. */
    private void forgetGreeting() {
        for (int i = 0; i < 50 && !ready(); i++) {
            pause(); // an upstream that never answers is a test's own affair
        }
        world.forget();
    }

    /** A world and a node that asks nsd. */
    static Gate up() {
        return upWith(World.UPSTREAM4, World.UPSTREAM6);
    }

    static Gate upWith(String... upstreams) {
        World world = World.start();
        List<String> options = new ArrayList<>();
        for (String upstream : upstreams) {
            options.addAll(List.of("--upstream", upstream));
        }
        return in(world, options);
    }

    /** A node with these options, which name its upstreams, on the host of a world. */
    static Gate in(World world, List<String> options) {
        return running("node", world, options);
    }

    /** The same with {@code node}, or with {@code up}. */
    static Gate running(String command, World world, List<String> options) {
        try {
            Path directory = Files.createTempDirectory("sallyport-gate");
            return new Gate(world, directory, command, options, Map.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A node that keeps its data below this directory, with more in its environment. */
    static Gate at(
            Path directory, World world, List<String> options, Map<String, String> environment) {
        return new Gate(world, directory, "node", options, environment);
    }

    World world() {
        return world;
    }

    Path data() {
        return directory.resolve("data");
    }

    /** A sandbox with a session of an org. */
    Sandbox sandbox(String interfaceName, String org) {
        Sandbox sandbox = world.sandbox(interfaceName);
        start(sandbox, org);
        return sandbox;
    }

    /** Starts a session and returns its id. */
    String start(Sandbox sandbox, String org) {
        return start(sandbox, org, "enforce");
    }

    /** Where a sandbox is, as bodies of requests have it. */
    static ObjectNode place(Sandbox sandbox) {
        return place(sandbox.interfaceName(), sandbox.address4(), sandbox.address6());
    }

    static ObjectNode place(String interfaceName, String... addresses) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("interface", interfaceName);
        ArrayNode array = body.putArray("addresses");
        List.of(addresses).forEach(array::add);
        return body;
    }

    String start(Sandbox sandbox, String org, String mode) {
        ObjectNode body = place(sandbox).put("org", org).put("mode", mode);
        try {
            return client().post("/v1/sessions", body).path("id").stringValue();
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e + "\n" + String.join("\n", log), e);
        }
    }

    /** The ids of all that run; asked again if the connection was one to an earlier node. */
    Set<String> sessions() {
        Set<String> ids = new TreeSet<>();
        await(
                "the node lists its sessions",
                () -> {
                    try {
                        client().get("/v1/sessions")
                                .path("sessions")
                                .forEach(each -> ids.add(each.path("id").asString()));
                        return true;
                    } catch (IOException | NodeClient.Refused e) {
                        return false;
                    }
                });
        return ids;
    }

    JsonNode end(String session) {
        try {
            return client().delete("/v1/sessions/" + session);
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    NodeClient client() throws IOException {
        return NodeClient.of(new DataDirectory(data()));
    }

    /** Runs a command of the program in this JVM, with this gate's data directory. */
    void admin(String... arguments) {
        List<String> whole = new ArrayList<>(List.of(arguments));
        whole.addAll(List.of("--data", data().toString()));
        assertThat(Cli.run(whole.toArray(String[]::new))).as("%s", whole).isZero();
    }

    /** Runs a command of the program as a process on the host. */
    Result program(String... arguments) {
        List<String> whole = new ArrayList<>(World.sallyport(arguments));
        whole.addAll(List.of("--data", data().toString()));
        return world.host().run(whole.toArray(String[]::new));
    }

    /** What {@code /metrics} says of one series; -1 if there is none. */
    double metric(String series) {
        return world.host()
                .run("curl", "-sf", METRICS)
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith(series + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(series.length() + 1)))
                .findFirst()
                .orElse(-1);
    }

    /** Of all series that begin so. */
    double sum(String beginning) {
        return world.host()
                .run("curl", "-sf", METRICS)
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith(beginning))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    boolean ready() {
        return world.host().run("curl", "-sf", "http://127.0.0.1:9153/readyz").exit() == 0;
    }

    /** The lines of the kernel's rules that are ours, or that lead to ours. */
    long ownRules() {
        return world.host()
                .run("sh", "-c", "iptables-save; ip6tables-save")
                .ok()
                .output()
                .lines()
                .filter(line -> line.startsWith("-A") && line.contains("SALLYPORT"))
                .count();
    }

    /** As somebody does who wants an empty firewall; sets stay. */
    void loseRules() {
        world.host()
                .run(
                        "sh",
                        "-c",
                        "for p in iptables ip6tables; do for t in raw mangle nat filter; do"
                                + " $p -w -t $t -F && $p -w -t $t -X || exit; done; done")
                .ok();
    }

    /** What only this node's own tools and disk suffer. */
    Sabotage sabotage() {
        return new Sabotage(world.host(), data(), this::pid);
    }

    void collectGarbage() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        world.host().run(jcmd, Long.toString(pid()), "GC.run").ok();
    }

    long pid() {
        try {
            return new JsonMapper()
                    .readTree(Files.readString(data().resolve("endpoints.json")))
                    .path("pid")
                    .longValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code kill -9}. */
    void kill() {
        node.descendants().forEach(ProcessHandle::destroyForcibly);
        node.destroyForcibly();
        try {
            assertThat(node.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    void restart() {
        node = startNode();
    }

    /**
     * As {@link #restart()}, of a node that cannot start: returns what it said when it has ended.
     */
    String restartInVain(String... more) {
        List<String> words = new ArrayList<>(World.sallyport(command, "--data", data().toString()));
        words.addAll(options);
        words.addAll(List.of(more));
        Result result = world.host().run(words.toArray(String[]::new));
        assertThat(result.exit()).as(result.output()).isNotZero();
        return result.output();
    }

    /** Another process of the same node takes over from the running one, which ends by itself. */
    void takeOver() {
        takeOverAs("--take-over");
    }

    void takeOverAs(String how) {
        Process before = node;
        node = startNode("sallyport: ready", how);
        try {
            assertThat(before.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        assertThat(before.exitValue()).as("%s", log).isZero();
    }

    /** Starts another process that waits for the end of the running one. */
    Process standBy() {
        return standBy("--standby");
    }

    Process standBy(String how) {
        return startNode("standing by", how);
    }

    /** The process that ran is gone, and this one has its place. */
    void isNow(Process next) {
        node = next;
    }

    /** SIGTERM; returns when it has ended. */
    void stop() {
        node.destroy();
        try {
            assertThat(node.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    List<String> log() {
        return log;
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            pause();
        }
    }

    private static void pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private Process startNode() {
        return startNode("sallyport: ready");
    }

    private Process startNode(String saying, String... more) {
        List<String> words = new ArrayList<>(World.sallyport(command, "--data", data().toString()));
        words.addAll(options);
        words.addAll(List.of(more));
        try {
            ProcessBuilder builder = world.asHost(words.toArray(String[]::new));
            builder.environment().putAll(environment);
            Process process = builder.redirectErrorStream(true).start();
            BufferedReader output =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            int before = log.size();
            Thread.ofVirtual().start(() -> output.lines().forEach(log::add));
            await(
                    "the node says " + saying + ": " + log,
                    () -> {
                        if (!process.isAlive()) {
                            throw new AssertionError("the node ended: " + String.join("\n", log));
                        }
                        return log.stream().skip(before).anyMatch(line -> line.contains(saying));
                    });
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        double unpinned = node.isAlive() ? metric("sallyport_answers_without_pin_total") : 0;
        kill();
        world.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        assertThat(unpinned).as("answers that left without their pin").isZero();
    }
}
