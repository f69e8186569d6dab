package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every endpoint for every role, and for the admin of another org. */
final class RolesTest {
    /** What each caller gets; {@code other} administers another org than the one asked about. */
    private static final String TABLE =
            """
            endpoint           platform admin viewer node other nobody
            LIVE               200      200   200    200  200   200
            READY              200      200   200    200  200   200
            OPENAPI            200      200   200    200  200   200
            ME                 200      200   200    200  200   401
            PRESETS            200      200   200    403  200   401
            ORGS               200      200   200    403  200   401
            ORG_CREATE         201      403   403    403  403   401
            SETTINGS           200      200   200    403  404   401
            SETTINGS_PUT       200      200   403    403  404   401
            DOMAINS_ADD        200      200   403    403  404   401
            DOMAIN_REMOVE      200      200   403    403  404   401
            CHECK              200      200   403    403  404   401
            IMPACT             200      200   403    403  404   401
            ROLLBACK           200      200   403    403  404   401
            HISTORY            200      200   200    403  404   401
            HISTORY_VERSION    200      200   200    403  404   401
            AGENTS             200      200   200    403  404   401
            AGENT              200      200   200    403  404   401
            AGENT_PUT          200      200   403    403  404   401
            POLICY             200      200   200    200  404   401
            EXPLAIN            200      200   200    403  404   401
            SESSIONS           200      200   200    403  404   401
            SESSION_END        202      202   403    403  404   401
            DENIED             200      200   200    403  404   401
            QUERIES            200      200   200    403  404   401
            OBSERVED           200      200   200    403  404   401
            ORG_EMERGENCIES    200      200   200    403  404   401
            ORG_EMERGENCY_ADD  201      201   403    403  404   401
            ORG_EMERGENCY_LIFT 204      204   403    403  404   401
            EMERGENCIES        200      403   403    403  403   401
            EMERGENCY_ADD      201      403   403    403  403   401
            EMERGENCY_LIFT     204      403   403    403  403   401
            AUDIT              200      200   403    403  404   401
            AUDIT_VERIFY       200      403   403    403  403   401
            TOKENS             200      200   403    403  404   401
            TOKEN_CREATE       201      201   403    403  404   401
            TOKEN_REVOKE       204      204   403    403  404   401
            SIGN_INS           200      403   403    403  403   401
            SIGN_IN_END        204      403   403    403  403   401
            NAMESPACES         200      200   200    403  404   401
            NAMESPACE_MAP      200      403   403    403  404   401
            NAMESPACE_UNMAP    204      403   403    403  404   401
            REPORT             200      403   403    200  403   401
            """;

    @TempDir private static Path directory;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Running server;

    private final Map<Endpoint, List<Integer>> table = new EnumMap<>(Endpoint.class);

    RolesTest() {
        TABLE.lines()
                .skip(1)
                .map(line -> List.of(line.split(" +", -1)))
                .forEach(words ->
                        table.put(
                                Endpoint.valueOf(words.getFirst()),
                                words.stream().skip(1).map(Integer::valueOf).toList()));
    }

    @BeforeAll
    static void start() throws Exception {
        server = Running.start(directory);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource(Endpoint.class)
    void eachRoleGetsWhatTheTableSays(Endpoint endpoint) {
        List<Integer> expected = table.getOrDefault(endpoint, List.of());
        assertThat(expected).as("the table's row").hasSize(Who.values().length);
        Iterator<Integer> column = expected.iterator();
        for (Who who : Who.values()) {
            String path = Sample.path(server, endpoint);
            long before = server.changes();
            Answer answer = request(who, endpoint, path);
            assertThat(answer.status())
                    .as("%s as %s: %s", endpoint, who, answer.body())
                    .isEqualTo(column.next());
            if (answer.status() > 399) {
                assertThat(server.changes()).as("rows after a refusal").isEqualTo(before);
            }
        }
    }

    private static Answer request(Who who, Endpoint endpoint, String path) {
        return switch (endpoint.method()) {
            case "GET" -> server.get(who, path);
            case "DELETE" -> server.delete(who, path);
            default ->
                    server.send(
                            who,
                            endpoint.method(),
                            path,
                            java.net.http.HttpRequest.BodyPublishers.ofString(
                                    Sample.body(endpoint)),
                            Sample.headers(server, endpoint));
        };
    }

    @Test
    void listsShowAnOrgWhatIsItsOwn() {
        assertThat(server.get(Who.OTHER, "/v1/orgs").json().path("items"))
                .singleElement()
                .satisfies(item -> assertThat(item.path("org").asString()).isEqualTo("beta"));
        assertThat(server.get(Who.OTHER, "/v1/audit").json().path("items"))
                .allSatisfy(row -> assertThat(row.path("org").asString()).isEqualTo("beta"));
        assertThat(server.get(Who.OTHER, "/v1/tokens").json().path("items"))
                .allSatisfy(token -> assertThat(token.path("org").asString()).isEqualTo("beta"));
    }

    @Test
    void policyIsRefusedToPodsOfANamespaceThatMayNotNameTheOrg() {
        String pull = "/v1/orgs/acme/policy?namespace=team-z";
        Answer refused = server.get(Who.NODE, pull);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asString())
                .contains("pods of namespace team-z may not name org acme");

        server.put(Who.PLATFORM, "/v1/namespaces/team-z/orgs/acme", "{}");
        Answer mapped = server.get(Who.NODE, pull);
        assertThat(mapped.status()).isEqualTo(200);
        assertThat(mapped.header("Sallyport-Namespace")).isEqualTo("team-z");
        assertThat(server.get(Who.VIEWER, "/v1/namespaces").body()).contains("team-z");
        assertThat(server.get(Who.OTHER, "/v1/namespaces").body()).doesNotContain("team-z");
        server.delete(Who.PLATFORM, "/v1/namespaces/team-z/orgs/acme");
        assertThat(server.get(Who.NODE, pull).status()).isEqualTo(403);
        assertThat(server.delete(Who.PLATFORM, "/v1/namespaces/team-z/orgs/acme").status())
                .isEqualTo(404);
    }

    @Test
    void anotherOrgLooksLikeOneThatIsNotThere() {
        String theirs = server.get(Who.OTHER, "/v1/orgs/acme/network-access").body();
        String nobodys = server.get(Who.OTHER, "/v1/orgs/nowhere/network-access").body();
        assertThat(theirs).isEqualTo(nobodys);
    }

    @Test
    void anOrgsAdminMakesNoTokenOfAnotherOrgOrOfThePlatform() {
        assertThat(create("{\"name\": \"x\", \"role\": \"platform-admin\"}")).isEqualTo(403);
        assertThat(create("{\"name\": \"x\", \"role\": \"node\"}")).isEqualTo(403);
        assertThat(create("{\"name\": \"x\", \"role\": \"org-admin\", \"org\": \"beta\"}"))
                .isEqualTo(404);
    }

    private static int create(String body) {
        return server.post(Who.ADMIN, "/v1/tokens", body).status();
    }

    @Test
    void openApiTellsTheSameRoles() {
        Contract contract = new Contract();
        table.forEach((endpoint, expected) -> {
            List<String> roles = new java.util.ArrayList<>();
            contract.operation(endpoint)
                    .path("x-roles")
                    .forEach(role -> roles.add(role.asString()));
            List<String> allowed = new java.util.ArrayList<>();
            List<String> names = List.of("platform-admin", "org-admin", "org-viewer", "node");
            for (int i = 0; i < names.size(); i++) {
                if (expected.get(i) < 300 && !endpoint.open()) {
                    allowed.add(names.get(i));
                }
            }
            assertThat(roles).as("x-roles of %s", endpoint).isEqualTo(allowed);
        });
    }

    @Test
    void openApiHasEveryEndpointAndNoOther() {
        long operations =
                new Contract()
                        .document().path("paths").properties().stream()
                                .mapToLong(path -> path.getValue().size())
                                .sum();
        assertThat(operations).isEqualTo(Endpoint.values().length);
    }
}
