package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** Options of every command that talks to a node. */
final class NodeOption {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private OutputOption output;

    NodeClient client() throws IOException {
        return NodeClient.of(data.directory());
    }

    int print(JsonNode answer, Consumer<PrintWriter> forPeople) {
        PrintWriter out = output.out();
        if (output.json()) {
            out.println(answer.toPrettyString());
        } else {
            forPeople.accept(out);
        }
        out.flush();
        return Cli.OK;
    }
}
