package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Health, the description of the API, and who the caller is. */
final class MetaRoutes {
    private final Database database;
    private final byte[] openapi;

    MetaRoutes(Database database) {
        this.database = database;
        this.openapi = openapi();
    }

    void add(Routes routes) {
        routes.on(Endpoint.LIVE, call -> healthy())
                .on(Endpoint.READY, this::ready)
                .on(Endpoint.OPENAPI, call -> Reply.of(Status.OK_200, "application/yaml", openapi))
                .on(Endpoint.ME, this::me);
    }

    private static Reply healthy() {
        return Reply.ok(Json.object().put("status", "ok"));
    }

    private Reply ready(Call call) throws IOException {
        var _ = database.reads().query(row -> row.getLong(1), "SELECT number FROM audit_head");
        return healthy();
    }

    private Reply me(Call call) {
        return Reply.ok(
                Json.object()
                        .put("name", call.holder().name())
                        .put("role", call.holder().role().text())
                        .put("org", call.holder().org().orElse(null))
                        .put("csrf", call.csrf().orElse(null)));
    }

    private static byte[] openapi() {
        try (InputStream in = MetaRoutes.class.getResourceAsStream("/control/openapi.yaml")) {
            if (in == null) {
                throw new IllegalStateException("control/openapi.yaml is missing in this build");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
