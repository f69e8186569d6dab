package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleFilesTest {
    private static final Path SOURCE = Path.of("src", "main", "resources", "console");

    private static CannedControl control;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        control = new CannedControl();
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        control.close();
    }

    private static HttpResponse<String> get(String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(control.url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(
                request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    static List<String> names() {
        return ConsoleFile.NAMES;
    }

    @Test
    void servesWhatIsInTheSourceTreeAndNothingElse() throws IOException {
        try (var files = Files.walk(SOURCE)) {
            assertThat(
                            files.filter(Files::isRegularFile)
                                    .map(file -> SOURCE.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(ConsoleFile.NAMES);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void letsNothingInFromElsewhere(String name) throws IOException, InterruptedException {
        HttpResponse<String> response = get("/console/" + name);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(Files.readString(SOURCE.resolve(name)));
        assertThat(response.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe", "http", "*");
        assertThat(response.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        String without = response.body().replace("http://www.w3.org/2000/svg", "");
        assertThat(without).doesNotContain("http://", "https://", "//cdn");
    }

    @ParameterizedTest
    @MethodSource("names")
    void makesNoMarkupFromText(String name) throws IOException {
        assertThat(Files.readString(SOURCE.resolve(name)))
                .doesNotContain(
                        "innerHTML",
                        "outerHTML",
                        "insertAdjacentHTML",
                        "document.write",
                        "eval(",
                        "new Function",
                        " style=\"",
                        "onclick=");
    }

    @Test
    void startsAtTheRoot() throws IOException, InterruptedException {
        assertThat(get("/").body()).startsWith("<!doctype html>");
    }

    @Test
    void sendsAFileOnce() throws IOException, InterruptedException {
        String etag = get("/console/app.js").headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> again = get("/console/app.js", "If-None-Match", etag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(get("/console/app.js", "If-None-Match", "\"other\"").statusCode())
                .isEqualTo(200);
        assertThat(again.headers().firstValue("Cache-Control")).contains("no-cache");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/console/",
                "/console/nothing.js",
                "/console/../logback.xml",
                "/console/%2e%2e/logback.xml",
                "/console/pages",
                "/console/app.js%00",
            })
    void hasNothingAtOtherPaths(String path) throws IOException, InterruptedException {
        assertThat(get(path).statusCode()).isIn(400, 404);
    }
}
