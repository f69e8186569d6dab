package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Options of every command that talks to a node. */
final class NodeOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The installation's directory (default: /var/lib/sallyport for root, ./var otherwise).")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    NodeClient client() throws IOException {
        return NodeClient.of(data == null ? DataDirectory.byDefault() : new DataDirectory(data));
    }

    int print(CommandSpec spec, JsonNode answer, Consumer<PrintWriter> forPeople) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(answer.toPrettyString());
        } else {
            forPeople.accept(out);
        }
        out.flush();
        return Cli.OK;
    }
}
