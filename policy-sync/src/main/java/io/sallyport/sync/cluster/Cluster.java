package io.sallyport.sync.cluster;

import io.sallyport.sync.uplink.Uplink;
import io.sallyport.sync.uplink.Uplink.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** A cluster's API. Any thread. */
public final class Cluster implements AutoCloseable {
    /**
     * Metadata of pods, 20 kB each at the most that is usual. Where somebody's are longer fewer are
     * asked for, and one always fits into an answer: the API takes 1.5 MB at most.
     */
    static final int PAGE = 100;

    /** A node runs some hundred pods; a server that never comes to an end must not fill memory. */
    private static final int MOST_PODS = 10_000;

    private static final Duration WITHIN = Duration.ofSeconds(10);

    /** A connection that died without a word is found out by the next watch. */
    private static final Duration WATCH = Duration.ofSeconds(60);

    private static final Duration GRACE = Duration.ofSeconds(15);
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int CONFLICT = 409;
    private static final int GONE = 410;
    private static final int UNPROCESSABLE = 422;

    /** Jobs leave pods behind by the thousand. */
    private static final String LIVING = ",status.phase!=Succeeded,status.phase!=Failed";

    private static final String LIST_OF_METADATA =
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    private static final String METADATA =
            "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";
    private static final String JSON_PATCH = "application/json-patch+json";

    /** Where a pod finds its service account. */
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /**
     * What is known of a pod. Its uid is of this one life of it.
     *
     * @param labels those that are asked for
     * @param annotations likewise
     */
    public record Pod(
            String uid,
            String namespace,
            String name,
            Map<String, String> labels,
            Map<String, String> annotations) {
        public Pod {
            labels = Map.copyOf(labels);
            annotations = Map.copyOf(annotations);
        }
    }

    /** The pods at one moment, and where to go on. */
    public record Pods(String version, List<Pod> pods) {
        public Pods {
            pods = List.copyOf(pods);
        }
    }

    /** What a watch tells. */
    public sealed interface Change {
        /** It is there, new or not as it was. */
        record Seen(Pod pod) implements Change {}

        /** It is no more. */
        record Gone(Pod pod) implements Change {}

        /** All is as it was. */
        record Nothing() implements Change {}
    }

    /** Is told of changes as they come. */
    public interface Listener {
        void changed(Change change);
    }

    /** The server does not remember so far back: list again. */
    public static final class Expired extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** A node of the cluster, and the version that its taints are of. */
    public record Node(String name, String version, ArrayNode taints) {}

    private final Uplink uplink;
    private final Reading reading;

    private Cluster(Uplink uplink, Reading reading) {
        this.uplink = uplink;
        this.reading = reading;
    }

    /** The API as a pod of the cluster finds it. */
    public static Uplink.Config inside(Map<String, String> environment) {
        String host = environment.get("KUBERNETES_SERVICE_HOST");
        if (host == null) {
            throw new IllegalArgumentException(
                    "this is no pod of a cluster: KUBERNETES_SERVICE_HOST is not set; say in the"
                            + " configuration file where its API is, as kubernetes: with url,"
                            + " token-file and ca-file");
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        return Uplink.Config.of(
                "https://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port,
                ACCOUNT.resolve("token"),
                Optional.of(ACCOUNT.resolve("ca.crt")));
    }

    /**
     * @param keys of the labels and annotations that are kept of pods; all others are let go
     * @throws IOException if a file cannot be read; nothing is sent yet
     */
    public static Cluster open(Uplink.Config config, Set<String> keys) throws IOException {
        return new Cluster(Uplink.open(config), new Reading(keys));
    }

    public String name() {
        return uplink.name();
    }

    /** The pods that are to run on a node, or do; not those that have run to their end. */
    public Pods pods(String node) throws IOException {
        List<Pod> pods = new ArrayList<>();
        String from = "";
        int most = PAGE;
        while (true) {
            JsonNode page;
            try {
                page = page(node, most, from);
            } catch (Uplink.TooLong e) {
                if (most == 1) {
                    throw e;
                }
                most /= 2;
                continue;
            }
            page.path("items").forEach(item -> pods.add(reading.pod(item)));
            String next = page.path("metadata").path("continue").asString("");
            if (next.isEmpty()) {
                return new Pods(Reading.version(page), pods);
            }
            if (pods.size() > MOST_PODS) {
                throw new IOException(name() + " lists more than " + MOST_PODS + " pods of a node");
            }
            from = "&continue=" + encoded(next);
        }
    }

    private JsonNode page(String node, int most, String from) throws IOException {
        return Reading.object(
                get(ofNode(node) + "&limit=" + most + from, LIST_OF_METADATA, "list pods"));
    }

    /**
     * Tells what changes, until the server ends the watch, as it does after a minute.
     *
     * @param version from which on
     * @return from where to go on
     */
    public String watch(String node, String version, Listener listener)
            throws IOException, Expired {
        Watching watching = new Watching(version, reading, listener);
        int status =
                uplink.lines(
                        ofNode(node)
                                + "&watch=true&allowWatchBookmarks=true&timeoutSeconds="
                                + WATCH.toSeconds()
                                + "&resourceVersion="
                                + encoded(version),
                        METADATA,
                        WATCH.plus(GRACE),
                        watching::said);
        if (status == GONE || watching.expired()) {
            throw new Expired();
        }
        if (status != OK) {
            throw refused("watch pods", status);
        }
        return watching.version();
    }

    /** A node, by its name. */
    public Node node(String name) throws IOException {
        JsonNode node = Reading.object(get(path(name), "application/json", "get node " + name));
        return new Node(name, Reading.version(node), Reading.taints(node));
    }

    /**
     * Gives a node other taints.
     *
     * @param seen as it was read
     * @return false if it has changed since then, and nothing was done
     */
    public boolean taint(Node seen, ArrayNode taints) throws IOException {
        Answer answer =
                uplink.patch(path(seen.name()), JSON_PATCH, Reading.patch(seen, taints), WITHIN);
        if (answer.status() == CONFLICT || answer.status() == UNPROCESSABLE) {
            return false;
        }
        if (answer.status() != OK) {
            throw refused("patch node " + seen.name(), answer.status());
        }
        return true;
    }

    private String get(String path, String accept, String what) throws IOException {
        Answer answer = uplink.get(path, accept, WITHIN);
        if (answer.status() != OK) {
            throw refused(what, answer.status());
        }
        return answer.body();
    }

    private IOException refused(String what, int status) {
        return new IOException(
                switch (status) {
                    case 401 -> name() + " does not take this node's token";
                    case 403 ->
                            name()
                                    + " does not let this node "
                                    + what
                                    + "; its service account needs the role for it";
                    case NOT_FOUND -> name() + " knows nothing to " + what;
                    default -> name() + " answers with status " + status + " to: " + what;
                });
    }

    private static String ofNode(String node) {
        return "/api/v1/pods?fieldSelector=" + encoded("spec.nodeName=" + node + LIVING);
    }

    private static String path(String node) {
        return "/api/v1/nodes/" + encoded(node);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public void close() {
        uplink.close();
    }
}
