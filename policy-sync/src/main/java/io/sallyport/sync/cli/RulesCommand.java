package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** {@code sallyport rules}: the scripts in force, as they were applied. */
@Command(
        name = "rules",
        description =
                "Prints the scripts in force for a session or a network, as they were applied.",
        mixinStandardHelpOptions = true)
final class RulesCommand implements Callable<Integer> {
    @Parameters(paramLabel = "SESSION", description = "A session's or a network's id.")
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private String id;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private NodeOption node;

    @Override
    public Integer call() throws IOException, NodeClient.Refused {
        JsonNode answer = node.client().get("/v1/rules/" + Show.pathSegment(id));
        return node.print(
                answer,
                out -> {
                    for (JsonNode script : answer.path("scripts")) {
                        out.println("# fed to " + script.path("program").asString(""));
                        out.println(script.path("text").asString(""));
                    }
                });
    }
}
