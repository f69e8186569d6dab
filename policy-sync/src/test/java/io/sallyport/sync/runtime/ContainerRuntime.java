package io.sallyport.sync.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A container runtime as far as CNI goes: it takes the first configuration of a directory and calls
 * the plugins of its chain, one after another, each with the result of the one before; at the end
 * of a container the other way round.
 */
public final class ContainerRuntime {
    private static final Path DEBIANS = Path.of("/usr/lib/cni");
    private static final long PATIENCE_SECONDS = 60;
    private static final JsonMapper JSON = new JsonMapper();

    private final Netns host;
    private final Path configurations;
    private final Path binaries;

    /** How a plugin ended. */
    public record Outcome(int exit, JsonNode answer, String errors, Duration took) {
        public JsonNode ok() {
            assertThat(exit).as("%s %s", answer, errors).isZero();
            return answer;
        }

        public int code() {
            assertThat(exit).as("%s", answer).isEqualTo(1);
            return answer.path("code").asInt(-1);
        }
    }

    /** A pod's sandbox: a namespace with nothing in it, until a chain is called for it. */
    public static final class Pod implements AutoCloseable {
        public final Netns netns = Netns.create("pod");
        public final String name;
        public final String uid;
        public String container = UUID.randomUUID().toString().replace("-", "").repeat(2);
        public JsonNode result = JsonNodeFactory.instance.missingNode();

        public Pod() {
            this("pod", UUID.randomUUID().toString());
        }

        /** One of the namespace agents, as an API knows it. */
        public Pod(String name, String uid) {
            this.name = name;
            this.uid = uid;
            for (String which : List.of("all", "default")) {
                netns.sysctl("net.ipv6.conf." + which + ".accept_dad=0");
            }
        }

        public String address(int which) {
            String cidr = result.path("ips").path(which).path("address").asString("");
            return cidr.substring(0, cidr.indexOf('/'));
        }

        public String gateway() {
            return result.path("ips").path(0).path("gateway").asString("");
        }

        /** Host's end of its cable. */
        public String device() {
            return result.path("interfaces").findValues("name").stream()
                    .map(JsonNode::stringValue)
                    .filter(name -> name.startsWith("veth"))
                    .findFirst()
                    .orElseThrow();
        }

        public String dig(String name, String... more) {
            List<String> words = new ArrayList<>(List.of("dig", "+tries=1", "+time=3", name));
            words.addAll(List.of(more.length == 0 ? new String[] {"@169.254.53.53"} : more));
            return netns.run(words.toArray(String[]::new)).output();
        }

        public boolean reaches(String url) {
            return netns.run("curl", "-sS", "-m", "2", url).exit() == 0;
        }

        @Override
        public void close() {
            netns.close();
        }
    }

    public ContainerRuntime(Netns host, Path configurations, Path binaries) {
        this.host = host;
        this.configurations = configurations;
        this.binaries = binaries;
    }

    /** The whole chain; stops at the first plugin that fails. */
    public Outcome add(Pod pod) {
        List<ObjectNode> plugins = chain();
        Outcome outcome =
                call("ADD", plugins.getFirst(), pod, JsonNodeFactory.instance.missingNode());
        for (ObjectNode plugin : plugins.subList(1, plugins.size())) {
            if (outcome.exit() == 0) {
                pod.result = outcome.answer();
                outcome = call("ADD", plugin, pod, outcome.answer());
            }
        }
        if (outcome.exit() == 0) {
            pod.result = outcome.answer();
        }
        return outcome;
    }

    /** Each plugin, the last first; those before it are called whatever it says. */
    public List<Outcome> delete(Pod pod) {
        return chain().reversed().stream()
                .map(plugin -> call("DEL", plugin, pod, pod.result))
                .toList();
    }

    /** Our plugin alone. */
    public Outcome ours(String command, Pod pod) {
        return call(command, chain().getLast(), pod, pod.result);
    }

    public Outcome collect(List<Pod> valid) {
        ObjectNode plugin = chain().getLast();
        var attachments = plugin.putArray("cni.dev/valid-attachments");
        valid.forEach(pod ->
                attachments.addObject().put("containerID", pod.container).put("ifname", "eth0"));
        return call("GC", plugin, null, JsonNodeFactory.instance.missingNode());
    }

    public Outcome status() {
        return call("STATUS", chain().getLast(), null, JsonNodeFactory.instance.missingNode());
    }

    public List<ObjectNode> chain() {
        try (Stream<Path> files = Files.list(configurations)) {
            Path first =
                    files.filter(file -> file.toString().matches(".*\\.conf(list)?"))
                            .sorted()
                            .findFirst()
                            .orElseThrow();
            JsonNode list = JSON.readTree(Files.readString(first));
            List<ObjectNode> plugins = new ArrayList<>();
            for (JsonNode each : list.path("plugins")) {
                ObjectNode plugin = (ObjectNode) each;
                plugin.set("cniVersion", list.get("cniVersion"));
                plugin.set("name", list.get("name"));
                plugins.add(plugin);
            }
            return plugins;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Outcome call(String command, ObjectNode plugin, @Nullable Pod pod, JsonNode previous) {
        ObjectNode config = plugin.deepCopy();
        if (!previous.isMissingNode()) {
            config.set("prevResult", previous);
        }
        String type = plugin.path("type").stringValue();
        Path program =
                Files.exists(binaries.resolve(type))
                        ? binaries.resolve(type)
                        : DEBIANS.resolve(type);
        ProcessBuilder builder = host.entered(program.toString());
        Map<String, String> environment = builder.environment();
        environment.put("CNI_COMMAND", command);
        environment.put("CNI_PATH", binaries + ":" + DEBIANS);
        if (pod != null) {
            environment.put("CNI_CONTAINERID", pod.container);
            environment.put("CNI_NETNS", "/run/netns/" + pod.netns.name());
            environment.put("CNI_IFNAME", "eth0");
            environment.put(
                    "CNI_ARGS",
                    "IgnoreUnknown=1;K8S_POD_NAMESPACE=agents;K8S_POD_NAME="
                            + pod.name
                            + ";K8S_POD_UID="
                            + pod.uid);
        }
        return run(builder, config.toString());
    }

    /** Runs a plugin with a configuration on its standard input. */
    public static Outcome run(ProcessBuilder builder, String input) {
        long begin = System.nanoTime();
        try {
            Path errors = Files.createTempFile("plugin", ".err");
            Process process = builder.redirectError(errors.toFile()).start();
            try {
                process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().close();
            } catch (IOException e) {
                // It has said what it has to say without the rest.
                assertThat(process.isAlive() || process.exitValue() != 0).isTrue();
            }
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            String said = Files.readString(errors);
            Files.delete(errors);
            return new Outcome(
                    process.exitValue(),
                    JSON.readTree(output.isBlank() ? "{}" : output),
                    said,
                    Duration.ofNanos(System.nanoTime() - begin));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
