package io.sallyport.sync.cli;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Hash;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.store.Database;
import java.io.BufferedOutputStream;
import java.io.IOException;
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
    /** What was printed in a year of hours. */
    private static final long MAX_KEPT = 1 << 20;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Command(
            description = {
                "Read every row again and check the chain of hashes; exit 1 where it is broken.",
                "Keep the hash that it prints elsewhere and give it back with --expect: then a trail whose end was"
                        + " cut off, or that was written anew, shows."
            },
            mixinStandardHelpOptions = true)
    int verify(
            @Mixin StoreOption store,
            @Option(
                            names = "--expect",
                            paramLabel = "HASH|@FILE",
                            description =
                                    "The hash that was last at some time, or a file with what this command"
                                            + " printed then.")
                    @Nullable String expect)
            throws Exception {
        Verdict verdict = verdict(store, expect == null ? Optional.empty() : expected(expect));
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
                    case Verdict.Rewritten(long rows, String why) -> {
                        out.println("not the same trail, " + rows + " rows: " + why);
                        yield Cli.FAILED;
                    }
                };
        out.flush();
        return exit;
    }

    private static Optional<Hash> expected(String option) throws IOException {
        if (!option.startsWith("@")) {
            return Optional.of(new Hash(option));
        }
        Path file = Path.of(option.substring(1));
        if (Files.size(file) > MAX_KEPT) {
            throw new IllegalArgumentException("--expect: " + file + " is too long for a hash");
        }
        Optional<Hash> kept = Hash.last(Files.readString(file));
        if (kept.isEmpty()) {
            throw new IllegalArgumentException(
                    "--expect: there is no hash in "
                            + file
                            + "; write into it what audit verify printed");
        }
        return kept;
    }

    private static Verdict verdict(StoreOption store, Optional<Hash> expected) throws Exception {
        Optional<Remote> remote = store.remote();
        if (remote.isPresent()) {
            String query = expected.map(hash -> "?expect=" + hash.text()).orElse("");
            return verdict(remote.get().get("/v1/audit/verify" + query));
        }
        try (Database database = store.openDatabase()) {
            AuditTrail trail = new AuditTrail(database);
            return expected.isPresent() ? trail.verify(expected.get()) : trail.verify();
        }
    }

    private static Verdict verdict(JsonNode answer) {
        if (answer.path("intact").booleanValue()) {
            return new Verdict.Intact(
                    answer.path("rows").longValue(), answer.path("last").asString());
        }
        String why = answer.path("why").asString();
        return answer.path("broken").isNull()
                ? new Verdict.Rewritten(answer.path("rows").longValue(), why)
                : new Verdict.Broken(answer.path("broken").longValue(), why);
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
            String query = org.map(name -> "?org=" + Pages.value(name)).orElse("");
            remote.get().copy("/v1/audit" + query, "application/x-ndjson", out);
            return;
        }
        try (Database database = store.openDatabase()) {
            new AuditTrail(database).export(org, out);
        }
    }
}
