package io.sallyport.sync.cli;

import com.google.common.net.UrlEscapers;
import io.sallyport.resolver.name.WireName;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.remote.Remote;
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

    @Mixin private StoreOption store = new StoreOption();

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
        Optional<Remote> remote = policyFile == null ? store.remote() : Optional.empty();
        String explanation =
                remote.isPresent()
                        ? remote.get().get(path(asked)).toString()
                        : Document.canonical(explanation(asked).document());
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? explanation : text(Document.json(explanation).fields()));
        out.flush();
        return Cli.OK;
    }

    private String path(WireName asked) {
        return "/v1/orgs/"
                + UrlEscapers.urlPathSegmentEscaper().escape(org)
                + "/explain?name="
                + UrlEscapers.urlFormParameterEscaper().escape(asked.toString());
    }

    private Explanation explanation(WireName asked) throws Exception {
        Presets presets = Presets.shipped();
        return Explanation.of(snapshot(presets), asked, presets).withOptions(dataOption());
    }

    private Snapshot snapshot(Presets presets) throws Exception {
        try (PolicySource source =
                Policies.source(store.directory(), Optional.ofNullable(policyFile), presets)) {
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

    private static String text(Document.Fields explanation) {
        StringBuilder text = new StringBuilder(explanation.required("sentence").text());
        text.append("\n  by org ").append(explanation.required("org").text());
        text.append(", level ").append(explanation.required("level").text());
        text.append(", snapshot ")
                .append(explanation.required("snapshot").text(), 0, Snapshot.NAME_LENGTH);
        for (Document one : explanation.required("advice").items()) {
            Document.Fields advice = one.fields();
            text.append("\n  ").append(advice.required("text").text());
            String command = advice.required("command").text();
            if (!command.isEmpty()) {
                text.append(":\n    ").append(command);
            }
        }
        return text.toString();
    }
}
