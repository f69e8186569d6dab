package io.sallyport.sync.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.NamespacedKubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** A Kubernetes API that others wrote, on loopback: objects, lists, watches, patches. */
public final class MockApi implements AutoCloseable {
    public static final String NODE = "node-1";

    private final KubernetesMockServer server;
    private final NamespacedKubernetesClient client;
    private Front front;
    private final Path token;

    private final Optional<SSLContext> tls;

    private MockApi(KubernetesMockServer server, Path token, Optional<SSLContext> tls)
            throws IOException {
        this.server = server;
        this.client = server.createClient();
        this.tls = tls;
        this.front = front(0);
        this.token = token;
    }

    private Front front(int port) throws IOException {
        return new Front(client, "http://127.0.0.1:" + server.getPort(), port, tls);
    }

    /** With one pod that runs on the node, as there is always one. */
    public static MockApi start(Path directory) throws IOException {
        return start(directory, Optional.empty());
    }

    /** The same over HTTPS, as a pod of the cluster finds it. */
    public static MockApi start(Path directory, Optional<SSLContext> tls) throws IOException {
        KubernetesMockServer server =
                new KubernetesMockServer(
                        new Context(),
                        new MockWebServer(),
                        new HashMap<>(),
                        new KubernetesCrudDispatcher(),
                        false);
        server.init(InetAddress.getLoopbackAddress(), 0);
        MockApi api =
                new MockApi(
                        server, Files.writeString(directory.resolve("api.token"), "a-token"), tls);
        api.pod("kube-system", "sallyport-node", Map.of());
        return api;
    }

    public NamespacedKubernetesClient client() {
        return client;
    }

    public Uplink.Config config() {
        return Uplink.Config.of(url(), token, Optional.empty());
    }

    public String url() {
        return (tls.isPresent() ? "https" : "http") + "://127.0.0.1:" + front.port();
    }

    /** Whoever watches is told that it is behind. */
    public void forget() {
        front.forget();
    }

    /** Nobody answers any more, until {@link #speak}. */
    public void silence() {
        front.close();
    }

    /** The same API at the same address again. */
    public void speak() throws IOException {
        front = front(front.port());
    }

    public Path token() {
        return token;
    }

    /** A pod on the node. */
    public Pod pod(String namespace, String name, Map<String, String> annotations) {
        return client.resource(
                        new PodBuilder()
                                .withNewMetadata()
                                .withNamespace(namespace)
                                .withName(name)
                                .addToAnnotations(annotations)
                                .endMetadata()
                                .withNewSpec()
                                .withNodeName(NODE)
                                .addNewContainer()
                                .withName("agent")
                                .withImage("agent")
                                .endContainer()
                                .endSpec()
                                .build())
                .create();
    }

    /** Gives a pod a label, as whoever adopts it does. */
    public void label(Pod pod, String key, String value) {
        client.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .edit(seen ->
                        new PodBuilder(seen)
                                .editMetadata()
                                .addToLabels(key, value)
                                .endMetadata()
                                .build());
    }

    public void delete(Pod pod) {
        client.resource(pod).withGracePeriod(0).delete();
    }

    @Override
    public void close() {
        front.close();
        client.close();
        server.destroy();
    }
}
