package io.sallyport.sync.control;

import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Role;
import io.sallyport.sync.token.Tokens.Token;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v1/tokens}. */
final class TokenRoutes {
    /** The one member of an answer that nobody may keep. */
    static final String SECRET = "secret";

    private static final long MAX_DAYS = 3650; // whoever wants longer wants no end

    private final Tokens tokens;
    private final InstantSource clock;

    TokenRoutes(Tokens tokens, InstantSource clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    void add(Routes routes) {
        routes.on(Endpoint.TOKENS, this::list, "org", "limit", "after")
                .on(Endpoint.TOKEN_CREATE, this::create)
                .on(Endpoint.TOKEN_REVOKE, Routes.Body.NONE, this::revoke, "why");
    }

    private Reply list(Call call) throws Problem, IOException {
        int limit = Paging.limit(call);
        List<Token> found =
                tokens.list(call.orgInQuery(), call.query("after").orElse(""), limit + 1);
        ArrayNode items = Json.array();
        found.stream().limit(limit).map(TokenRoutes::item).forEach(items::add);
        return Paging.reply(
                items, found.size() > limit ? found.get(limit - 1).holder().id() : null);
    }

    private Reply create(Call call) throws Problem, Refusal, IOException {
        Document.Fields body = call.body();
        String name = body.required("name").text();
        Role role = body.required("role").textAs(Role::parse);
        Optional<String> org = body.optional("org").map(value -> value.textAs(Settings::org));
        Optional<Instant> expires =
                body.optional("expires-in-days")
                        .map(days -> now().plus(Duration.ofDays(days.number(1, MAX_DAYS))));
        Optional<String> node = body.optional("node").map(value -> value.textAs(Fleet::node));
        String why = Terms.why(body);
        body.end();
        mayGive(call, role, org);
        Created created = tokens.create(name, role, org, node, expires, call.author(why));
        return Reply.json(Status.CREATED_201, item(created.token()).put(SECRET, created.secret()))
                .with("Location", "/v1/tokens/" + created.token().holder().id());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }

    /** Nobody gives more than they have. */
    private static void mayGive(Call call, Role role, Optional<String> org) throws Problem {
        Optional<String> own = call.holder().org();
        if (own.isEmpty()) {
            return;
        }
        if (!role.ofOrg()) {
            throw Problem.of(
                    Status.FORBIDDEN_403,
                    "an org's admin makes tokens of the roles org-admin and org-viewer");
        }
        if (!org.equals(own)) {
            throw Problem.unknownOrg();
        }
    }

    private Reply revoke(Call call) throws Problem, Refusal, IOException {
        Optional<Token> token = tokens.get(call.path("id"));
        Optional<String> own = call.holder().org();
        if (token.isEmpty() || (own.isPresent() && !token.get().holder().org().equals(own))) {
            throw Problem.of(Status.NOT_FOUND_404, "there is no such token");
        }
        tokens.revoke(token.get().holder().id(), call.author(call.query("why").orElse("")));
        return Reply.nothing();
    }

    private static ObjectNode item(Token token) {
        return Json.object()
                .put("id", token.holder().id())
                .put("name", token.holder().name())
                .put("role", token.holder().role().text())
                .put("org", token.holder().org().orElse(null))
                .put("node", token.holder().node().orElse(null))
                .put("created-at", token.created().toString())
                .put("created-by", token.createdBy())
                .put("expires-at", text(token.expires()))
                .put("last-used", token.used().map(TokenRoutes::day).orElse(null));
    }

    private static @Nullable String text(Optional<Instant> time) {
        return time.map(Instant::toString).orElse(null);
    }

    private static String day(Instant time) {
        return LocalDate.ofInstant(time, ZoneOffset.UTC).toString();
    }
}
