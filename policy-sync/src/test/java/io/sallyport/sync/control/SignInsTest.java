package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.control.Running.Answer;
import io.sallyport.sync.control.Running.Who;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Who is signed in to the console, and how a platform admin puts somebody out of it. */
final class SignInsTest {
    @TempDir private Path directory;

    @Test
    void aPlatformAdminEndsAllBrowsersOfAPerson() throws Exception {
        try (Running server = Running.start(directory)) {
            String first = server.signIn(Who.ADMIN);
            String second = server.signIn(Who.ADMIN);
            String other = server.signIn(Who.VIEWER);
            JsonNode items = server.get(Who.PLATFORM, "/v1/sign-ins").json().path("items");
            assertThat(items).hasSize(2);
            JsonNode admin = items.path(1);
            assertThat(admin.path("role").asString()).isEqualTo("org-admin");
            assertThat(admin.path("org").asString()).isEqualTo("acme");
            assertThat(admin.path("browsers").intValue()).isEqualTo(2);
            String path = "/v1/sign-ins/" + admin.path("person").asString();
            assertThat(me(server, first)).isEqualTo(200);

            assertThat(server.delete(Who.PLATFORM, path + "?why=left").status()).isEqualTo(204);

            assertThat(me(server, first)).isEqualTo(401);
            assertThat(me(server, second)).isEqualTo(401);
            assertThat(me(server, other)).isEqualTo(200);
            assertThat(server.get(Who.ADMIN, "/v1/me").status()).as("the token").isEqualTo(200);
            assertThat(server.delete(Who.PLATFORM, path).status()).isEqualTo(404);
            Answer trail = server.get(Who.PLATFORM, "/v1/audit?order=newest&limit=1");
            JsonNode row = trail.json().path("items").path(0);
            assertThat(row.path("action").asString()).isEqualTo("console.end");
            assertThat(row.path("why").asString()).isEqualTo("left");
            assertThat(row.path("details").path("browsers").intValue()).isEqualTo(2);
        }
    }

    private static int me(Running server, String cookie) {
        return server.with("", "GET", "/v1/me", BodyPublishers.noBody(), "Cookie", cookie).status();
    }
}
