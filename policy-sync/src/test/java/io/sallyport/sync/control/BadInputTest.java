package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is sent is never what was meant: a problem comes back, and nothing is stored. */
final class BadInputTest {
    private static final JsonMapper JSON = new JsonMapper();

    /** In every text that is not free: an org, an agent, a pattern, a role, a time. */
    private static final List<String> HOSTILE =
            List.of(
                    "'; DROP TABLE audit; --",
                    "<script>alert(1)</script>",
                    "..%2f..%2fetc/passwd",
                    "a\u0000b",
                    "\u202eexample.com",
                    "x".repeat(70_000));

    @TempDir private static Path directory;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Running server;

    @BeforeAll
    static void start() throws Exception {
        server = Running.start(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /** Every endpoint that takes a body. */
    static Stream<Endpoint> bodies() {
        return Stream.of(Endpoint.values())
                .filter(endpoint -> List.of("POST", "PUT").contains(endpoint.method()));
    }

    private record State(long changes, String orgs, String settings) {
        static State now() {
            return new State(
                    server.changes(),
                    server.get(Who.PLATFORM, "/v1/orgs").body(),
                    server.get(Who.PLATFORM, "/v1/orgs/acme/network-access").body());
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void aBodyOfTheWrongShapeIsAProblem(Endpoint endpoint) {
        List<String> texts =
                new ArrayList<>(
                        List.of(
                                "",
                                "null",
                                "7",
                                "\"text\"",
                                "[]",
                                "{",
                                "{\"a\": 1,}",
                                "{} {}",
                                "[".repeat(10_000),
                                "{\"a\":".repeat(5_000) + "1" + "}".repeat(5_000)));
        ObjectNode sample = (ObjectNode) JSON.readTree(Sample.body(endpoint));
        texts.add(sample.deepCopy().put("surprise", 1).toString());
        for (String name : sample.propertyNames()) {
            texts.add("{\"" + name + "\": 1, " + sample.toString().substring(1)); // twice
            for (String wrong : List.of("null", "3.5", "{}", "[[]]", "-1", "[{}]", "true")) {
                JsonNode value = JSON.readTree(wrong);
                if (!sample.get(name).isBoolean() || !value.isBoolean()) {
                    texts.add(sample.deepCopy().set(name, value).toString());
                }
            }
        }
        State before = State.now();
        for (String text : texts) {
            refused(endpoint, text.getBytes(StandardCharsets.UTF_8), text);
        }
        assertThat(State.now()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void hostileTextIsAProblemWhereverItIsNotFree(Endpoint endpoint) {
        State before = State.now();
        JsonNode sample = JSON.readTree(Sample.body(endpoint));
        for (String hostile : HOSTILE) {
            for (String changed : each(sample, hostile)) {
                refused(endpoint, changed.getBytes(StandardCharsets.UTF_8), changed);
            }
        }
        assertThat(State.now()).isEqualTo(before);
    }

    /**
     * The sample with each of its texts replaced in turn; reasons, the names of tokens, and what a
     * sandbox asked for are free.
     */
    private static List<String> each(JsonNode sample, String hostile) {
        List<String> changed = new ArrayList<>();
        String whole = sample.toString();
        texts(sample, "")
                .filter(place -> !place.endsWith("/why") && !place.endsWith("/name"))
                .forEach(place -> {
                    JsonNode copy = JSON.readTree(whole);
                    int slash = place.lastIndexOf('/');
                    JsonNode parent = copy.at(place.substring(0, slash));
                    String name = place.substring(slash + 1);
                    if (parent instanceof ObjectNode object) {
                        object.put(name, hostile);
                    } else {
                        ((tools.jackson.databind.node.ArrayNode) parent)
                                .set(Integer.parseInt(name), hostile);
                    }
                    changed.add(copy.toString());
                });
        return changed;
    }

    private static Stream<String> texts(JsonNode node, String place) {
        if (node.isString()) {
            return Stream.of(place);
        }
        List<String> found = new ArrayList<>();
        if (node.isObject()) {
            node.properties()
                    .forEach(entry ->
                            texts(entry.getValue(), place + "/" + entry.getKey())
                                    .forEach(found::add));
        }
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            texts(node.get(i), place + "/" + i).forEach(found::add);
        }
        return found.stream();
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void octetsThatAreNotTextAreAProblem(Endpoint endpoint) {
        State before = State.now();
        byte[] broken = Sample.body(endpoint).getBytes(StandardCharsets.UTF_8);
        broken[broken.length / 2] = (byte) 0xff;
        refused(endpoint, broken, "broken UTF-8");
        refused(endpoint, new byte[] {(byte) 0xc0, (byte) 0x80}, "overlong");
        byte[] utf16 = Sample.body(endpoint).getBytes(StandardCharsets.UTF_16);
        refused(endpoint, utf16, "UTF-16");
        assertThat(State.now()).isEqualTo(before);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void tooMuchIsAProblemWhetherAnnouncedOrNot(Endpoint endpoint) {
        byte[] much = new byte[Control.Sizes.DEFAULT.lists() + 1];
        java.util.Arrays.fill(much, (byte) ' ');
        String path = Sample.path(server, endpoint);
        Answer announced =
                server.send(
                        Who.PLATFORM,
                        endpoint.method(),
                        path,
                        BodyPublishers.ofByteArray(much),
                        Sample.headers(server, endpoint));
        assertThat(announced.status()).isEqualTo(413);
        Answer inChunks =
                server.send(
                        Who.PLATFORM,
                        endpoint.method(),
                        path,
                        BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(much)),
                        Sample.headers(server, endpoint));
        assertThat(inChunks.status()).isEqualTo(413);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void onlyJsonIsReadSoThatNoFormOfAnotherSiteIs(Endpoint endpoint) {
        State before = State.now();
        for (String type :
                List.of("text/plain", "application/x-www-form-urlencoded", "multipart/form-data")) {
            Answer answer =
                    server.send(
                            Who.PLATFORM,
                            endpoint.method(),
                            Sample.path(server, endpoint),
                            BodyPublishers.ofString(Sample.body(endpoint)),
                            "Content-Type",
                            type,
                            "If-Match",
                            "\"1\"");
            assertThat(answer.status()).as("%s as %s", endpoint, type).isEqualTo(415);
        }
        assertThat(State.now()).isEqualTo(before);
    }

    private static void refused(Endpoint endpoint, byte[] body, String what) {
        Answer answer =
                server.send(
                        Who.PLATFORM,
                        endpoint.method(),
                        Sample.path(server, endpoint),
                        BodyPublishers.ofByteArray(body),
                        Sample.headers(server, endpoint));
        String shown = what.substring(0, Math.min(what.length(), 200));
        // looking at a list of strange texts is what check is for: it says what is wrong with each
        boolean told = endpoint == Endpoint.CHECK && answer.status() == 200;
        if (told) {
            assertThat(answer.json().path("items"))
                    .anySatisfy(item -> assertThat(item.path("error").isString()).isTrue());
            return;
        }
        assertThat(answer.status())
                .as("%s: %s -> %s", endpoint, shown, answer.body())
                .isBetween(400, 422);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GET    | /v1/orgs?limit=0                                             | 400
                    GET    | /v1/orgs?limit=1001                                          | 400
                    GET    | /v1/orgs?limit=ten                                           | 400
                    GET    | /v1/orgs?limit=1&limit=2                                     | 400
                    GET    | /v1/orgs?colour=red                                          | 400
                    GET    | /v1/orgs?after=%ff                                           | 400
                    GET    | /v1/me?x=1                                                   | 400
                    GET    | /healthz?x=1                                                 | 400
                    GET    | /v1/orgs/nowhere/network-access                              | 404
                    GET    | /v1/orgs/%27%3B%20DROP%20TABLE%20audit%3B--/network-access   | 404
                    GET    | /v1/orgs/%3Cscript%3E/policy                                 | 404
                    GET    | /v1/orgs/%ff/network-access                                  | 400
                    GET    | /v1/orgs/..%2Facme/network-access                            | 404
                    GET    | /v1/orgs//network-access                                     | 404
                    GET    | /v1/orgs/acme/network-access/                                | 404
                    GET    | /v1/orgs/acme/history/0                                      | 404
                    GET    | /v1/orgs/acme/history/999                                    | 404
                    GET    | /v1/orgs/acme/history/1%20OR%201=1                           | 404
                    GET    | /v1/orgs/acme/agents/%3Cscript%3E                            | 422
                    GET    | /v1/orgs/acme/explain                                        | 400
                    GET    | /v1/orgs/acme/explain?name=*.example.com                     | 422
                    GET    | /v1/orgs/acme/explain?name=%27%20OR%20%27a%27=%27a           | 422
                    GET    | /v1/orgs/acme/denied?days=31                                 | 400
                    GET    | /v1/orgs/acme/queries?hours=0                                | 400
                    GET    | /v1/orgs/acme/policy?agent=%3Cscript%3E                      | 422
                    GET    | /v1/audit?order=random                                       | 400
                    GET    | /v1/audit?after=-1                                           | 400
                    GET    | /v1/audit?find=                                              | 400
                    GET    | /v1/audit?find=a&order=oldest                                | 400
                    DELETE | /v1/tokens/%27%20OR%201=1                                    | 404
                    DELETE | /v1/orgs/acme/sessions/%27%20OR%201=1                        | 404
                    DELETE | /v1/orgs/acme/network-access/domains/not.there               | 404
                    DELETE | /v1/orgs/acme/network-access/domains/%3Cscript%3E            | 422
                    DELETE | /v1/orgs/acme/network-access/domains/a.example?list=grey     | 422
                    DELETE | /v1/emergency-denials/1%20OR%201=1                           | 404
                    PATCH  | /v1/orgs/acme/network-access                                 | 405
                    DELETE | /v1/orgs                                                     | 405
                    GET    | /v1/nothing                                                  | 404
                    GET    | /etc/passwd                                                  | 404
                    GET    | /console/..%2f..%2fcontrol/openapi.yaml                      | 404
                    """)
    void aPathOrParameterThatCannotBeIsAProblem(String method, String path, int status) {
        State before = State.now();
        Answer answer = server.send(Who.PLATFORM, method, path, BodyPublishers.noBody());
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.json().path("detail").asString()).isNotBlank();
        assertThat(State.now()).isEqualTo(before);
    }

    @Test
    void aReasonIsTextAndNothingElse() {
        String reason = "'; DROP TABLE audit; -- <script>alert(1)</script>";
        Answer created =
                server.post(
                        Who.PLATFORM,
                        "/v1/orgs",
                        JSON.createObjectNode().put("org", "texts").put("why", reason).toString());
        assertThat(created.status()).isEqualTo(201);
        assertThat(created.json().path("why").asString()).isEqualTo(reason);
        assertThat(created.header("x-content-type-options")).isEqualTo("nosniff");
        assertThat(
                        server.get(Who.PLATFORM, "/v1/audit/verify")
                                .json()
                                .path("intact")
                                .booleanValue())
                .isTrue();
        assertThat(reasonRefused("two\\nlines")).isEqualTo(422);
        assertThat(reasonRefused("x".repeat(501))).isEqualTo(422);
        assertThat(reasonRefused("\\u202e")).isEqualTo(422);
    }

    private static int reasonRefused(String reason) {
        return server.post(
                        Who.PLATFORM,
                        "/v1/orgs",
                        "{\"org\": \"texts2\", \"why\": \"" + reason + "\"}")
                .status();
    }

    /** PostgreSQL has no text with it: a store that fails is not what a caller should see. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/orgs?after=%00",
                "/v1/tokens?after=a%00",
                "/v1/orgs/acme/sessions?after=%00",
                "/v1/orgs/acme/observed?session=%00",
                "/v1/orgs/acme/agents/a%00"
            })
    void aNulIsRefusedWhereverItStands(String path) {
        assertThat(server.get(Who.PLATFORM, path).status()).isEqualTo(400);
    }
}
