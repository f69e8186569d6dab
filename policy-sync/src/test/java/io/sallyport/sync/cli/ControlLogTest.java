package io.sallyport.sync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** The server as its own process without any capability, telling all that it can tell. */
@Needs({"setpriv"})
class ControlLogTest {
    private static final long PATIENCE_SECONDS = 60;

    @TempDir private Path directory;

    @Test
    void aServerWithoutPrivilegesWorksAndNoSecretIsInItsLog() throws Exception {
        Path log = directory.resolve("log");
        DataDirectory data = new DataDirectory(directory.resolve("data"));
        Process server =
                new ProcessBuilder(
                                "setpriv",
                                "--bounding-set=-all",
                                "--inh-caps=-all",
                                "--no-new-privs",
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dsallyport.log=TRACE",
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.sallyport.sync.Sallyport",
                                "control",
                                "--listen",
                                "127.0.0.1:0",
                                "--metrics-listen",
                                "127.0.0.1:0",
                                "--data",
                                data.path().toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        try (HttpClient client = HttpClient.newHttpClient()) {
            String url = url(server, data, log);
            String admin = Files.readString(data.adminToken()).strip();
            String made =
                    send(
                            client,
                            url,
                            admin,
                            "/v1/tokens",
                            "{\"name\": \"x\", \"role\": \"node\", \"node\": \"n1\"}");
            String secret = new JsonMapper().readTree(made).path("secret").asString();
            assertThat(secret).startsWith("spt_");
            String wrong = "spt_" + "w".repeat(43);
            send(client, url, secret, "/v1/nodes/n1/report", "{\"sessions\": []}");
            send(client, url, wrong, "/v1/orgs", "{}");
            send(client, url, admin, "/v1/tokens", "{\"name\": \"" + secret + "\"}");
            server.destroy();
            assertThat(server.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(log))
                    .contains("control and console on")
                    .doesNotContain(admin, secret, wrong);
            assertThat(data.endpoints()).as("what a server that ended leaves").isEmpty();
        } finally {
            server.destroyForcibly();
        }
    }

    private static String url(Process server, DataDirectory data, Path log)
            throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!data.endpoints().containsKey("control")) {
            assertThat(server.isAlive() && System.nanoTime() < end)
                    .as(Files.readString(log))
                    .isTrue();
            Thread.sleep(50);
        }
        return data.endpoints().getOrDefault("control", "");
    }

    private static String send(
            HttpClient client, String url, String token, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + path))
                        .POST(BodyPublishers.ofString(body))
                        .headers(
                                List.of(
                                                "Authorization",
                                                "Bearer " + token,
                                                "Content-Type",
                                                "application/json")
                                        .toArray(String[]::new))
                        .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                        .build();
        return client.send(request, BodyHandlers.ofString()).body();
    }
}
