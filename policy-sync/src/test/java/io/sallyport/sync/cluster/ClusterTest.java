package io.sallyport.sync.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sallyport.sync.cluster.Cluster.Pod;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A list of pods that tenants have made as long as they can. */
final class ClusterTest {
    private static final String ORG = "sallyport.io/org";
    private static final int PODS = 20;

    @TempDir private Path directory;

    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** Octets of an annotation that each pod has. */
    private int much;

    @SuppressWarnings("NullAway.Init") // before each test
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String query =
                    URLDecoder.decode(
                            exchange.getRequestURI().getRawQuery(), StandardCharsets.UTF_8);
            asked.add(query);
            int from = number(query, "continue", 0);
            int to = Math.min(PODS, from + number(query, "limit", PODS));
            String next = to == PODS ? "" : "\"continue\":\"" + to + "\",";
            exchange.sendResponseHeaders(200, 0);
            OutputStream body = exchange.getResponseBody();
            body.write(utf8("{\"metadata\":{" + next + "\"resourceVersion\":\"7\"},\"items\":["));
            for (int number = from; number < to; number++) {
                body.write(utf8((number == from ? "" : ",") + pod(number)));
            }
            body.write(utf8("]}"));
        } catch (IOException e) {
            // who has read enough hangs up
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static int number(String query, String name, int otherwise) {
        return List.of(query.split("&", -1)).stream()
                .filter(pair -> pair.startsWith(name + "="))
                .map(pair -> Integer.parseInt(pair.substring(name.length() + 1)))
                .findFirst()
                .orElse(otherwise);
    }

    private String pod(int number) {
        return """
        {"metadata":{"uid":"u-%d","namespace":"team-a","name":"p-%d",
         "labels":{"app":"x"},"annotations":{"sallyport.io/org":"%s","much":"%s"}}}\
        """
                .formatted(number, number, "a".repeat(300), "m".repeat(much));
    }

    private Cluster.Pods list() throws IOException {
        Path token = Files.writeString(directory.resolve("token"), "a-token");
        String url = "http://127.0.0.1:" + server.getAddress().getPort();
        try (Cluster cluster =
                Cluster.open(Uplink.Config.of(url, token, Optional.empty()), Set.of(ORG))) {
            return cluster.pods("node-1");
        }
    }

    @Test
    void longPodsAreListedInShorterPages() throws IOException {
        much = 1_500_000;

        Cluster.Pods listed = list();

        assertThat(listed.pods()).extracting(Pod::uid).doesNotHaveDuplicates().hasSize(PODS);
        assertThat(listed.version()).isEqualTo("7");
        assertThat(asked.getFirst()).contains("limit=" + Cluster.PAGE);
        assertThat(asked).hasSizeLessThan(PODS);
    }

    @Test
    void podThatNoAnswerHasRoomForIsSaid() {
        much = 9_000_000;

        assertThatThrownBy(this::list).hasMessageContaining("answers with more than");
    }

    @Test
    void onlyWhatIsAskedForIsKeptAndNoLongerThanAnyNameCanBe() throws IOException {
        Pod pod = list().pods().getFirst();

        assertThat(pod.labels()).isEmpty();
        assertThat(pod.annotations()).isEqualTo(Map.of(ORG, "a".repeat(254)));
    }

    @Test
    void podsThatHaveRunToTheirEndAreNotAskedFor() throws IOException {
        var _ = list();

        assertThat(asked)
                .singleElement()
                .asString()
                .contains(
                        "fieldSelector=spec.nodeName=node-1,status.phase!=Succeeded,status.phase!=Failed&");
    }
}
