package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.runtime.ContainerRuntime;
import io.sallyport.sync.runtime.ContainerRuntime.Pod;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** A host of pods: a runtime, its configuration, our plugin and a node. */
final class PodHost {
    /** What makes the pods' interfaces. */
    enum Primary {
        PTP("\"type\":\"ptp\",\"ipMasq\":false", 200),
        BRIDGE("\"type\":\"bridge\",\"bridge\":\"pods0\",\"isGateway\":true", 201);

        private final String plugin;
        private final int block;

        Primary(String plugin, int block) {
            this.plugin = plugin;
            this.block = block;
        }

        String conflist(Path directory, String more) {
            return """
            {"cniVersion":"1.0.0","name":"pods-%3$d","plugins":[{%1$s,
              "ipam":{"type":"host-local","dataDir":"%2$s",
                "ranges":[[{"subnet":"10.201.%3$d.0/24"}],[{"subnet":"fd5a:11:%3$d::/64"}]],
                "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}}%4$s]}
            """
                    .formatted(plugin, directory.resolve("ipam"), block, more);
        }
    }

    private final Path directory;
    private final Gate gate;
    private final ContainerRuntime runtime;

    private PodHost(Path directory, Gate gate) {
        this.directory = directory;
        this.gate = gate;
        this.runtime =
                new ContainerRuntime(
                        gate.world().host(), directory.resolve("net.d"), directory.resolve("bin"));
    }

    /** A world with a node that knows the org acme, which may reach www.example.com. */
    static PodHost open(Path directory) throws IOException {
        Files.createDirectories(directory.resolve("bin"));
        Files.createDirectories(directory.resolve("net.d"));
        Netns.host(
                        "sh",
                        "../iptables-scripts/src/main/c/build.sh",
                        directory.resolve("bin/sallyport-cni").toString())
                .ok();
        Gate gate =
                Gate.in(
                        World.start(),
                        List.of(
                                "--upstream",
                                World.UPSTREAM4,
                                "--cni-socket",
                                directory.resolve("run/cni.sock").toString(),
                                "--sandbox-interface",
                                "veth+",
                                "--sandbox-interface",
                                "pods0"));
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", "www.example.com");
        return new PodHost(directory, gate);
    }

    Gate gate() {
        return gate;
    }

    ContainerRuntime runtime() {
        return runtime;
    }

    void forgetChain() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("net.d"))) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
    }

    Path socket() {
        return directory.resolve("run/cni.sock");
    }

    /** The chain from now on, with our plugin configured like this. */
    void chain(Primary primary, String more) {
        write(primary, ",{\"type\":\"sallyport-cni\",\"socket\":\"" + socket() + "\"" + more + "}");
    }

    void write(Primary primary, String plugins) {
        try {
            Files.writeString(
                    directory.resolve("net.d/10-pods.conflist"),
                    primary.conflist(directory, plugins));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    JsonNode networks() {
        try {
            return gate.client().get("/v1/networks").path("networks");
        } catch (IOException | NodeClient.Refused e) {
            throw new AssertionError(e);
        }
    }

    /** All at once, because a packet that is dropped takes its time to be missed. */
    void hasNoWayOut(Pod pod, String... more) {
        gate.world().forget();
        String tries =
                """
                for to in %s '[%s]' %s %s:%d %s; do curl -s -m 1 "http://$to/" & done
                dig @%s api.example.com +tries=1 +time=1 +short &
                wait
                """
                        .formatted(
                                World.PUBLIC4,
                                World.PUBLIC6,
                                World.METADATA4,
                                pod.gateway(),
                                World.HOST_SERVICE,
                                String.join(" ", more),
                                World.UPSTREAM4);
        assertThat(pod.netns.run("sh", "-c", tries).output())
                .doesNotContain("internet", "metadata", "host", "93.184");
        assertThat(gate.world().escaped()).isEmpty();
    }

    /** Root, as in a container of its own, without a single capability. */
    Process installer() throws IOException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                "setpriv",
                                "--bounding-set=-all",
                                "--inh-caps=-all",
                                "--no-new-privs"));
        words.addAll(
                World.sallyport(
                        "cni",
                        "install",
                        "--watch",
                        "--plugin",
                        directory.resolve("bin/sallyport-cni").toString(),
                        "--bin-dir",
                        Files.createDirectories(directory.resolve("installed")).toString(),
                        "--conf-dir",
                        directory.resolve("net.d").toString(),
                        "--socket",
                        socket().toString(),
                        "--report",
                        socket().resolveSibling("cni-conf.json").toString(),
                        "--org",
                        "acme"));
        return new ProcessBuilder(words).inheritIO().start();
    }
}
