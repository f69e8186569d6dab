package io.sallyport.sync.cli;

import io.sallyport.resolver.name.WireName;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.explain.Explanation.Advice;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sallyport explain}: what a new session of an org would get for a name. */
@Command(
        name = "explain",
        description =
                "Why a name is allowed or denied for new sessions of an org, and what to do about it.",
        mixinStandardHelpOptions = true)
final class ExplainCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin private DataOption data = new DataOption();

    @Option(names = "--org", required = true, paramLabel = "ORG")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String org;

    @Option(
            names = "--policy-file",
            paramLabel = "FILE",
            description = "Read this policy file, not the store.")
    private @Nullable Path policyFile;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Parameters(paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws Exception {
        WireName asked = Explanation.name(name);
        Presets presets = Presets.shipped();
        Explanation explanation =
                Explanation.of(snapshot(presets), asked, presets).withOptions(dataOption());
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Document.canonical(explanation.document()) : text(explanation));
        out.flush();
        return Cli.OK;
    }

    private Snapshot snapshot(Presets presets) throws Exception {
        try (PolicySource source =
                Policies.source(data.directory(), Optional.ofNullable(policyFile), presets)) {
            return source.pull(org, null);
        }
    }

    /** The commands in the advice have to reach the same installation. */
    private String dataOption() {
        Path given = spec.commandLine().getParseResult().matchedOptionValue("--data", (Path) null);
        if (given == null) {
            return "";
        }
        String path = given.toString();
        return " --data "
                + (path.matches("[A-Za-z0-9_./-]+")
                        ? path
                        : "'" + path.replace("'", "'\\''") + "'");
    }

    private static String text(Explanation explanation) {
        StringBuilder text = new StringBuilder(explanation.sentence());
        text.append("\n  by org ").append(explanation.snapshot().org());
        text.append(", level ").append(explanation.snapshot().level());
        text.append(", snapshot ").append(explanation.snapshot().name());
        for (Advice advice : explanation.advice()) {
            text.append("\n  ").append(advice.text());
            if (!advice.command().isEmpty()) {
                text.append(":\n    ").append(advice.command());
            }
        }
        return text.toString();
    }
}
