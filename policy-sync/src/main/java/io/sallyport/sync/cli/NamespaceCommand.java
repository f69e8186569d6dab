package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.remote.Remote;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;

/** {@code sallyport namespace …}: which orgs the pods of a Kubernetes namespace may name. */
@Command(
        name = "namespace",
        description = "Which orgs the pods of a Kubernetes namespace may name.",
        mixinStandardHelpOptions = true)
final class NamespaceCommand {
    private static final JsonMapper JSON = new JsonMapper();

    @Command(
            description =
                    "Let pods of a namespace name an org, in sessions that start from now on.",
            mixinStandardHelpOptions = true)
    int map(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Mixin OutputOption output,
            @Parameters(paramLabel = "NAMESPACE") String namespace,
            @Parameters(paramLabel = "ORG") String org)
            throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isPresent()) {
            var body = JSON.createObjectNode().put("why", by.why);
            var _ = remote.get().put(path(namespace, org), Optional.empty(), body);
        } else {
            try (OrgStore orgs = OrgStore.open(store.openDatabase())) {
                orgs.map(namespace, org, by.author());
            }
        }
        output.print("pods of namespace " + namespace + " may name org " + org);
        return Cli.OK;
    }

    @Command(
            description = "Take that back. Running sessions stay; end them if they should not.",
            mixinStandardHelpOptions = true)
    int unmap(
            @Mixin StoreOption store,
            @Mixin AuthorOption by,
            @Mixin OutputOption output,
            @Parameters(paramLabel = "NAMESPACE") String namespace,
            @Parameters(paramLabel = "ORG") String org)
            throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isPresent()) {
            remote.get().delete(path(namespace, org) + "?why=" + Pages.value(by.why));
        } else {
            try (OrgStore orgs = OrgStore.open(store.openDatabase())) {
                orgs.unmap(namespace, org, by.author());
            }
        }
        output.print("new pods of namespace " + namespace + " may not name org " + org);
        return Cli.OK;
    }

    @Command(description = "The namespaces and their orgs.", mixinStandardHelpOptions = true)
    int list(
            @Mixin StoreOption store,
            @Mixin OutputOption output,
            @Option(names = "--org", paramLabel = "ORG", description = "Only those of an org.")
                    @Nullable String org)
            throws Exception {
        Optional<Remote> remote = store.remote();
        List<Mapping> mappings =
                remote.isPresent()
                        ? remote(remote.get(), Optional.ofNullable(org))
                        : local(store, Optional.ofNullable(org));
        if (output.json()) {
            ArrayNode items = JSON.createArrayNode();
            mappings.forEach(mapping ->
                    items.addObject()
                            .put("namespace", mapping.namespace())
                            .put("org", mapping.org())
                            .put("at", mapping.at().toString())
                            .put("by", mapping.by().who())
                            .put("why", mapping.by().why()));
            output.line(items.toString());
            return Cli.OK;
        }
        for (Mapping mapping : mappings) {
            output.print(
                    "%-32s  %-24s  %s"
                            .formatted(mapping.namespace(), mapping.org(), mapping.by().who()));
        }
        return Cli.OK;
    }

    private static List<Mapping> local(StoreOption store, Optional<String> org) throws Exception {
        try (OrgStore orgs = OrgStore.open(store.openDatabase())) {
            return orgs.mappings(Optional.empty(), org, "", "", Integer.MAX_VALUE);
        }
    }

    private static List<Mapping> remote(Remote remote, Optional<String> org) throws Exception {
        return Pages.all(remote, "/v1/namespaces", org).stream()
                .map(NamespaceCommand::mapping)
                .toList();
    }

    private static Mapping mapping(JsonNode item) {
        return new Mapping(
                item.path("namespace").asString(),
                item.path("org").asString(),
                Instant.parse(item.path("at").asString()),
                new Author(item.path("by").asString(), item.path("why").asString()));
    }

    private static String path(String namespace, String org) {
        return "/v1/namespaces/" + Pages.segment(namespace) + "/orgs/" + Pages.segment(org);
    }
}
