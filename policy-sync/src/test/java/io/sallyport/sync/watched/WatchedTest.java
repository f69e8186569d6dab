package io.sallyport.sync.watched;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class WatchedTest {
    @SuppressWarnings("NullAway.Init") // before each test
    private WebServer server;

    @BeforeEach
    void serve() {
        WebServerConfig.Builder builder =
                WebServer.builder().port(0).host("127.0.0.1").shutdownHook(false);
        Watched.add(
                builder,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                routing ->
                        routing.any(
                                "/metrics",
                                (request, response) ->
                                        response.send(request.content().as(String.class))));
        server = builder.build().start();
    }

    @AfterEach
    void stop() {
        server.stop();
    }

    private int asked(String body) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + server.port(Watched.NAME) + "/metrics");
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(metrics)
                                    .timeout(Duration.ofSeconds(20))
                                    .POST(BodyPublishers.ofString(body))
                                    .build(),
                            BodyHandlers.ofString())
                    .statusCode();
        }
    }

    @Test
    void whoWatchesBringsNothing() throws Exception {
        assertThat(asked("")).isEqualTo(200);
        assertThat(asked("x")).isEqualTo(413);
    }
}
