package io.sallyport.sync.cli;

import com.google.common.net.UrlEscapers;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.store.Database;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;

/** {@code sallyport audit …}: who changed what, and whether the trail is as it was written. */
@Command(
        name = "audit",
        description = "The trail of every change: checked, or exported as JSON lines.",
        mixinStandardHelpOptions = true)
final class AuditCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(
            description = {
                "Read every row again and check the chain of hashes; exit 1 where it is broken.",
                "Keep the hash that it prints elsewhere: with it, a chain that was written anew shows."
            },
            mixinStandardHelpOptions = true)
    int verify(@Mixin StoreOption store) throws Exception {
        Verdict verdict = verdict(store);
        PrintWriter out = spec.commandLine().getOut();
        int exit =
                switch (verdict) {
                    case Verdict.Intact(long rows, String last) -> {
                        out.println("intact: " + rows + " rows, the last has the hash " + last);
                        yield Cli.OK;
                    }
                    case Verdict.Broken(long number, String why) -> {
                        out.println("broken at row " + number + ": " + why);
                        yield Cli.FAILED;
                    }
                };
        out.flush();
        return exit;
    }

    private static Verdict verdict(StoreOption store) throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isEmpty()) {
            try (Database database = store.openDatabase()) {
                return new AuditTrail(database).verify();
            }
        }
        JsonNode answer = remote.get().get("/v1/audit/verify");
        return answer.path("intact").booleanValue()
                ? new Verdict.Intact(
                        answer.path("rows").longValue(), answer.path("last").asString())
                : new Verdict.Broken(
                        answer.path("broken").longValue(), answer.path("why").asString());
    }

    @Command(description = "Every row as a line of JSON.", mixinStandardHelpOptions = true)
    int export(
            @Mixin StoreOption store,
            @Option(names = "--org", paramLabel = "ORG", description = "Only an org's rows.")
                    @Nullable String org,
            @Option(
                            names = "--output",
                            paramLabel = "FILE",
                            description = "Into a new file; standard output if not given.")
                    @Nullable Path file)
            throws Exception {
        if (file == null) {
            PrintWriter out = spec.commandLine().getOut();
            out.flush();
            export(store, Optional.ofNullable(org), System.out);
            System.out.flush();
            return Cli.OK;
        }
        if (Files.exists(file)) {
            throw new IllegalArgumentException(
                    file + " is there already; an export overwrites nothing");
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            export(store, Optional.ofNullable(org), out);
        }
        return Cli.OK;
    }

    private static void export(StoreOption store, Optional<String> org, OutputStream out)
            throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isPresent()) {
            String query =
                    org.map(name -> "?org=" + UrlEscapers.urlFormParameterEscaper().escape(name))
                            .orElse("");
            remote.get().copy("/v1/audit" + query, "application/x-ndjson", out);
            return;
        }
        try (Database database = store.openDatabase()) {
            new AuditTrail(database).export(org, out);
        }
    }
}
