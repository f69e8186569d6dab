package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.certificates.Certificates;
import io.sallyport.sync.cluster.MockApi;
import io.sallyport.sync.runtime.ContainerRuntime;
import io.sallyport.sync.runtime.ContainerRuntime.Pod;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** The chart's own pods on one host of a cluster, and pods that they guard. */
final class ChartPods implements AutoCloseable {
    private static final String CONTROL = "guard-sallyport-control.gate.svc";
    private static final String ALLOWED = "www.example.com";

    /** Bits of capabilities(7). */
    private static final Map<String, Integer> CAPABILITIES =
            Map.of("NET_BIND_SERVICE", 10, "NET_ADMIN", 12);

    private final ImageHost host;
    private final World world;
    private final Path directory;
    private final Certificates certificates;
    private final MockApi api;
    private final Kubelet kubelet;
    private final ContainerRuntime runtime;
    private final List<Pod> sandboxes = new ArrayList<>();
    private final Map<String, JsonNode> started = new HashMap<>();

    ChartPods(ImageHost host, Path directory) {
        this.host = host;
        this.world = host.world();
        this.directory = directory;
        this.certificates = new Certificates(directory);
        try {
            Files.createDirectories(directory.resolve("cni/net.d"));
            certificates.alone("authority", "authority");
            certificates.signed("control", "authority", "DNS:" + CONTROL, 2);
            certificates.signed("api", "authority", "IP:127.0.0.1", 2);
            api =
                    world.inside(
                            world.host(),
                            () ->
                                    MockApi.start(
                                            directory, Optional.of(certificates.server("api"))));
            var node =
                    new NodeBuilder()
                            .withNewMetadata()
                            .withName(MockApi.NODE)
                            .endMetadata()
                            .withNewSpec()
                            .addNewTaint("NoSchedule", "sallyport.io/not-ready", null, null)
                            .endSpec()
                            .build();
            var _ = world.inside(world.host(), () -> api.client().resource(node).create());
            URI url = URI.create(api.url());
            kubelet =
                    new Kubelet(
                            host,
                            directory,
                            Map.of(
                                    "spec.nodeName",
                                    MockApi.NODE,
                                    "status.hostIP",
                                    World.HOST4,
                                    "KUBERNETES_SERVICE_HOST",
                                    url.getHost(),
                                    "KUBERNETES_SERVICE_PORT",
                                    Integer.toString(url.getPort())));
            String authority = Chart.text(certificates.certificate("authority"));
            kubelet.knows("configMap kube-root-ca.crt", Map.of("ca.crt", authority));
            kubelet.knows("configMap authority", Map.of("ca.crt", authority));
            kubelet.knows(
                    "secret control-tls",
                    Map.of(
                            "tls.crt", Chart.text(certificates.certificate("control")),
                            "tls.key", Chart.text(certificates.key("control"))));
            kubelet.knows("token of the account", Map.of("token", Chart.text(api.token())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        runtime =
                new ContainerRuntime(
                        world.host(), directory.resolve("cni/net.d"), directory.resolve("cni/bin"));
    }

    private List<JsonNode> chart(String more) {
        String values =
                """
                image: {repository: %2$s, tag: "%3$s"}
                node:
                  upstreams: [%4$s]
                  sandboxInterfaces: [veth+]
                  dataHostPath: %1$s/data/sallyport
                  runHostPath: %1$s/run/sallyport
                  control: {tokenSecret: tokens, caConfigMap: authority}
                cni: {binDir: %1$s/cni/bin, confDir: %1$s/cni/net.d}
                control: {tls: {secret: control-tls}}
                """
                        .formatted(directory, ImageHost.REPOSITORY, ImageHost.TAG, World.UPSTREAM4);
        JsonNode all = Chart.merged(Chart.YAML.readTree(values), Chart.YAML.readTree(more));
        return Chart.render(Chart.YAML.writeValueAsString(all));
    }

    private void start(String pod, String kind, String more) {
        List<JsonNode> objects = chart(more);
        JsonNode manifest =
                objects.stream()
                        .filter(object -> object.path("kind").asString().equals(kind))
                        .findFirst()
                        .orElseThrow()
                        .at("/spec/template");
        kubelet.start(pod, objects, manifest);
        started.put(pod, manifest);
        kubelet.awaitReady(pod, manifest);
    }

    void startControl() {
        start("control", "Deployment", "{}");
        kubelet.resolves(CONTROL, kubelet.address("control-control"));
    }

    /** As docs/kubernetes.md has it: an org, a namespace, the node's token. */
    void prepare() {
        sallyport("org", "create", "acme").ok();
        sallyport("org", "allow", "acme", ALLOWED).ok();
        sallyport("namespace", "map", "agents", "acme").ok();
        String token =
                sallyport("token", "create", "--role", "node", "--node", MockApi.NODE, MockApi.NODE)
                        .ok()
                        .output()
                        .lines()
                        .filter(line -> line.startsWith("spt_"))
                        .findFirst()
                        .orElseThrow();
        kubelet.knows("secret tokens", Map.of(MockApi.NODE, token));
    }

    private Result sallyport(String... words) {
        List<String> command = new ArrayList<>(List.of("sallyport"));
        command.addAll(List.of(words));
        command.addAll(List.of("--data", "/var/lib/sallyport/data"));
        command.addAll(List.of("--config", "/etc/sallyport/control.yaml"));
        return host.inside("control-control", command.toArray(String[]::new));
    }

    void startNode(String more) {
        try {
            Path file = directory.resolve("cni/net.d/10-pods.conflist");
            if (!Files.exists(file)) {
                Files.writeString(
                        file,
                        """
                        {"cniVersion":"1.0.0","name":"pods","plugins":[{"type":"ptp","ipMasq":false,
                          "ipam":{"type":"host-local","dataDir":"%s",
                            "ranges":[[{"subnet":"10.201.200.0/24"}],[{"subnet":"fd5a:11:200::/64"}]],
                            "routes":[{"dst":"0.0.0.0/0"},{"dst":"::/0"}]}}]}
                        """
                                .formatted(directory.resolve("ipam")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("node", "DaemonSet", more.isEmpty() ? "{}" : more);
    }

    private JsonNode manifest(String pod) {
        return Objects.requireNonNull(started.get(pod));
    }

    void endNode() {
        kubelet.end("node", manifest("node"));
    }

    /** By what the kernel says of the process, not by what the engine was told. */
    void hasExactlyWhatItsManifestSays(String container) {
        String pod = container.equals("control") ? "control" : "node";
        JsonNode manifest = manifest(pod);
        String name = pod + "-" + container;
        Security security = Security.of(manifest, Chart.container(manifest, container));
        long bits =
                security.added().stream()
                        .mapToLong(each -> 1L << Objects.requireNonNull(CAPABILITIES.get(each)))
                        .reduce(0, (left, right) -> left | right);
        String capabilities = String.format("%016x", bits);

        for (String set : List.of("CapPrm", "CapEff", "CapBnd")) {
            assertThat(host.status(name, set)).as(name + " " + set).isEqualTo(capabilities);
        }
        assertThat(host.status(name, "NoNewPrivs")).isEqualTo(security.mayGain() ? "0" : "1");
        assertThat(host.status(name, "Seccomp")).as("a filter").isEqualTo("2");
        String[] ids = security.user().split(":", -1);
        assertThat(host.status(name, "Uid").split("\t")).containsOnly(ids[0]);
        assertThat(host.status(name, "Gid").split("\t")).containsOnly(ids[1]);
        assertThat(host.status(name, "Groups").split(" "))
                .contains(Long.toString(security.group()));
        for (String place : List.of("/opt/sallyport/x", "/etc/x", "/x")) {
            assertThat(host.inside(name, "touch", place).output())
                    .contains("Read-only file system");
        }
    }

    void theInstallerHasPutThePluginIntoTheChain() {
        host.await("node-cni", () -> runtime.chain().size() == 2);
        assertThat(runtime.chain().getLast().path("type").asString()).isEqualTo("sallyport-cni");
        assertThat(directory.resolve("cni/bin/sallyport-cni")).isExecutable();
        runtime.status().ok();
    }

    void aPodIsBornBehindItsGate() {
        String name = "agent-" + sandboxes.size();
        String uid =
                world.inside(
                        world.host(),
                        () ->
                                api.pod("agents", name, Map.of("sallyport.io/org", "acme"))
                                        .getMetadata()
                                        .getUid());
        Pod pod = new Pod(name, uid);
        sandboxes.add(pod);
        runtime.add(pod).ok();
        reachesWhatItMayAndNothingElse(pod);
    }

    void everyPodStillReachesWhatItMayAndNothingElse() {
        assertThat(sandboxes).isNotEmpty();
        sandboxes.forEach(ChartPods::reachesWhatItMayAndNothingElse);
    }

    private static void reachesWhatItMayAndNothingElse(Pod pod) {
        assertThat(pod.dig(ALLOWED)).contains("NOERROR", "93.184.216.35");
        assertThat(pod.reaches("http://93.184.216.35/")).isTrue();
        assertThat(pod.dig("denied.example.org", "@8.8.8.8")).contains("NXDOMAIN", "EDE: 15");
        assertThat(pod.reaches("http://" + World.PUBLIC4 + "/")).isFalse();
        assertThat(pod.reaches("http://" + World.METADATA4 + "/")).isFalse();
        assertThat(pod.reaches("http://" + World.HOST4 + ":9153/metrics")).isFalse();
    }

    @Override
    public void close() {
        sandboxes.forEach(Pod::close);
        api.close();
    }
}
