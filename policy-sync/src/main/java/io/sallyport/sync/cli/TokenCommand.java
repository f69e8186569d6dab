package io.sallyport.sync.cli;

import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Role;
import io.sallyport.sync.token.Tokens.Token;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** {@code sallyport token …}: who may use the API. */
@Command(
        name = "token",
        description = "Tokens for the API: made, listed, revoked. A secret is shown once.",
        mixinStandardHelpOptions = true)
final class TokenCommand {
    private static final long MAX_DAYS = 3650;
    private static final JsonMapper JSON = new JsonMapper();

    @Command(
            description = "Make a token. Its secret goes to standard output, and is kept nowhere.",
            mixinStandardHelpOptions = true)
    int create(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Mixin OutputOption output,
            @Option(
                            names = "--role",
                            required = true,
                            paramLabel = "ROLE",
                            description = "platform-admin, org-admin, org-viewer or node.")
                    String role,
            @Option(names = "--org", paramLabel = "ORG", description = "For the roles of an org.")
                    @Nullable String org,
            @Option(
                            names = "--node",
                            paramLabel = "NODE",
                            description = "For the role node: the name under which it reports.")
                    @Nullable String node,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            description = "It ends after so many days; without, it does not.")
                    @Nullable Long days,
            @Parameters(paramLabel = "NAME", description = "Who will use it.") String name)
            throws Exception {
        if (days != null && (days < 1 || days > MAX_DAYS)) {
            throw new IllegalArgumentException("--days: write a number of 1 to " + MAX_DAYS);
        }
        Optional<Remote> remote = store.remote();
        JsonNode made =
                remote.isPresent()
                        ? remote.get().post("/v1/tokens", body(name, role, org, node, days, by.why))
                        : create(store, name, Role.parse(role), org, node, days, by);
        if (output.json()) {
            output.line(made.toString());
        } else {
            PrintWriter err = output.err();
            err.println(
                    "token "
                            + made.path("id").asString()
                            + ": "
                            + made.path("role").asString()
                            + "; the secret follows, and is not shown again");
            err.flush();
            output.print(made.path("secret").asString());
        }
        return Cli.OK;
    }

    private static ObjectNode body(
            String name,
            String role,
            @Nullable String org,
            @Nullable String node,
            @Nullable Long days,
            String why) {
        ObjectNode body = JSON.createObjectNode().put("name", name).put("role", role);
        if (org != null) {
            body.put("org", org);
        }
        if (node != null) {
            body.put("node", node);
        }
        if (days != null) {
            body.put("expires-in-days", days);
        }
        return body.put("why", why);
    }

    private static JsonNode create(
            StoreOption store,
            String name,
            Role role,
            @Nullable String org,
            @Nullable String node,
            @Nullable Long days,
            AuthorOption by)
            throws Exception {
        InstantSource clock = InstantSource.system();
        Optional<Instant> end =
                Optional.ofNullable(days)
                        .map(count ->
                                clock.instant()
                                        .truncatedTo(ChronoUnit.MILLIS)
                                        .plus(Duration.ofDays(count)));
        try (Database database = store.openDatabase()) {
            Created created =
                    new Tokens(database, clock)
                            .create(
                                    name,
                                    role,
                                    Optional.ofNullable(org),
                                    Optional.ofNullable(node),
                                    end,
                                    by.author());
            return item(created.token()).put("secret", created.secret());
        }
    }

    @Command(description = "The tokens, without secrets.", mixinStandardHelpOptions = true)
    int list(
            @Mixin StoreOption store,
            @Mixin OutputOption output,
            @Option(names = "--org", paramLabel = "ORG", description = "Only those of an org.")
                    @Nullable String org)
            throws Exception {
        Optional<Remote> remote = store.remote();
        List<JsonNode> items =
                remote.isPresent()
                        ? Pages.all(remote.get(), "/v1/tokens", Optional.ofNullable(org))
                        : list(store, Optional.ofNullable(org));
        if (output.json()) {
            output.line(JSON.createArrayNode().addAll(items).toString());
            return Cli.OK;
        }
        for (JsonNode item : items) {
            output.print(
                    "%s  %-14s  %-16s  %-24s  %s"
                            .formatted(
                                    item.path("id").asString(),
                                    item.path("role").asString(),
                                    whose(item),
                                    item.path("name").asString(),
                                    item.path("expires-at").isNull()
                                            ? "does not end"
                                            : "ends " + item.path("expires-at").asString())
                            .stripTrailing());
        }
        return Cli.OK;
    }

    private static String whose(JsonNode item) {
        return item.path("org").asString(item.path("node").asString("-"));
    }

    private static List<JsonNode> list(StoreOption store, Optional<String> org) throws Exception {
        try (Database database = store.openDatabase()) {
            return new Tokens(database, InstantSource.system())
                    .list(org, "", Integer.MAX_VALUE).stream()
                            .<JsonNode>map(TokenCommand::item)
                            .toList();
        }
    }

    @Command(description = "End a token at once.", mixinStandardHelpOptions = true)
    int revoke(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Parameters(paramLabel = "ID") String id,
            @Mixin OutputOption output)
            throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isPresent()) {
            remote.get().delete("/v1/tokens/" + Pages.segment(id) + "?why=" + Pages.value(by.why));
        } else {
            try (Database database = store.openDatabase()) {
                new Tokens(database, InstantSource.system()).revoke(id, by.author());
            }
        }
        output.print("token " + id + " is revoked");
        return Cli.OK;
    }

    private static ObjectNode item(Token token) {
        return JSON.createObjectNode()
                .put("id", token.holder().id())
                .put("name", token.holder().name())
                .put("role", token.holder().role().text())
                .put("org", token.holder().org().orElse(null))
                .put("node", token.holder().node().orElse(null))
                .put("created-at", token.created().toString())
                .put("created-by", token.createdBy())
                .put("expires-at", token.expires().map(Instant::toString).orElse(null));
    }
}
