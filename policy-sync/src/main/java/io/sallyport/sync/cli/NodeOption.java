package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** Options of every command that talks to a node. */
final class NodeOption {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    NodeClient client() throws IOException {
        return NodeClient.of(data.directory());
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
