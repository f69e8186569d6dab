package io.sallyport.sync.cli;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.explain.Explanation;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.source.PolicySource;
import io.sallyport.sync.store.Database;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
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

    @Mixin private OutputOption output = new OutputOption();

    @Parameters(paramLabel = "NAME")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String name;

    @Override
    public Integer call() throws Exception {
        WireName asked = Explanation.name(name);
        Optional<Remote> remote = policyFile == null ? store.remote() : Optional.empty();
        Document explanation =
                Document.json(
                        remote.isPresent()
                                ? remote.get().get(path(asked)).toString()
                                : Document.canonical(explanation(asked).document()));
        return output.print(explanation::plain, () -> text(explanation.fields()));
    }

    private String path(WireName asked) {
        return "/v1/orgs/" + Pages.segment(org) + "/explain?name=" + Pages.value(asked.toString());
    }

    /** As a session has it that starts now, emergency denials and all. */
    private Explanation explanation(WireName asked) throws Exception {
        Presets presets = Presets.shipped();
        if (policyFile != null) {
            Emergencies ofTheNode = Emergencies.load(store.directory().emergency());
            try (PolicySource source = PolicySource.of(policyFile, presets)) {
                return Explanation.of(source.pull(org, null), ofTheNode.of(org), asked, presets);
            }
        }
        try (Database database = store.openDatabase()) {
            InstantSource clock = InstantSource.system();
            Snapshot snapshot =
                    PolicySource.of(OrgStore.of(database, clock), presets).pull(org, null);
            List<Policy.Entry> emergency = new Fleet(database, clock).inForce(org);
            return Explanation.of(snapshot, emergency, asked, presets).withOptions(dataOption());
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
