package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom a node's token speaks for. */
final class NodeTokenTest {
    private static final String OWN = "/v1/nodes/n1/report";
    private static final String OTHER = "/v1/nodes/n2/report";

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

    @Test
    void itReportsAsItsNodeAndAsNoOther() {
        String report = Sample.body(Endpoint.REPORT);
        assertThat(server.post(Who.NODE, OWN, report).status()).isEqualTo(200);
        Answer refused = server.post(Who.NODE, OTHER, report);
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().path("detail").asString()).contains("n1 and no other");
        assertThat(server.get(Who.ADMIN, "/v1/orgs/acme/sessions").body()).doesNotContain("n2");
    }

    /** Another's end would be forgotten if anybody could say that it is done. */
    @Test
    void itAcknowledgesNothingForAnotherNode() {
        server.post(Who.NODE, OWN, Sample.body(Endpoint.REPORT));
        server.delete(Who.ADMIN, "/v1/orgs/acme/sessions/s1");
        String other = token("n2");
        assertThat(as(other, OWN).status()).isEqualTo(403);
        assertThat(as(other, OTHER).json().path("end")).isEmpty();
        Answer orders = server.post(Who.NODE, OWN, Sample.body(Endpoint.REPORT));
        assertThat(orders.json().path("end").path(0).asString()).isEqualTo("s1");
    }

    private static Answer as(String token, String path) {
        return server.with(
                token,
                "POST",
                path,
                BodyPublishers.ofString("{\"sessions\": []}"),
                "Content-Type",
                "application/json");
    }

    private static String token(String node) {
        Answer made =
                server.post(
                        Who.PLATFORM,
                        "/v1/tokens",
                        "{\"name\": \"a host\", \"role\": \"node\", \"node\": \"" + node + "\"}");
        assertThat(made.json().path("node").asString()).isEqualTo(node);
        return made.json().path("secret").asString();
    }

    @Test
    void oneOfAnEarlierVersionPullsPoliciesAndReportsForNobody() throws Exception {
        String token = token("n3");
        server.database.record(open -> open.update("UPDATE token SET node = '' WHERE node = 'n3'"));
        assertThat(as(token, "/v1/nodes/n3/report").status()).isEqualTo(403);
        assertThat(as(token, "/v1/nodes/n3/report").json().path("detail").asString())
                .contains("--role node --node");
        Answer policy = server.with(token, "GET", "/v1/orgs/acme/policy", BodyPublishers.noBody());
        assertThat(policy.status()).isEqualTo(200);
    }

    @Test
    void itIsNotMadeWithoutANodeNorAnyOtherWithOne() {
        Answer without =
                server.post(Who.PLATFORM, "/v1/tokens", "{\"name\": \"x\", \"role\": \"node\"}");
        assertThat(without.status()).isEqualTo(422);
        assertThat(without.json().path("field").asString()).isEqualTo("node");
        Answer admin =
                server.post(
                        Who.PLATFORM,
                        "/v1/tokens",
                        "{\"name\": \"x\", \"role\": \"platform-admin\", \"node\": \"n1\"}");
        assertThat(admin.status()).isEqualTo(422);
    }

    @Test
    void whatANodeSaysOfOrgsThatAreNotThereIsNotKept() {
        String report = Sample.body(Endpoint.REPORT).replace("\"acme\"", "\"made-up\"");
        assertThat(report).contains("made-up");
        assertThat(server.post(Who.NODE, OWN, report).status()).isEqualTo(200);
        server.post(Who.PLATFORM, "/v1/orgs", "{\"org\": \"made-up\"}");
        assertThat(server.get(Who.PLATFORM, "/v1/orgs/made-up/sessions").json().path("items"))
                .isEmpty();
        assertThat(server.get(Who.PLATFORM, "/v1/orgs/made-up/denied").json().path("items"))
                .isEmpty();
    }
}
