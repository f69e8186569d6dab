package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code sallyport network}: networks that wait, everything denied, for a session. */
@Command(
        name = "network",
        description =
                "Attaches and detaches sandbox networks; one without a session is denied everything.",
        mixinStandardHelpOptions = true)
final class NetworkCommand {
    @Command(
            name = "attach",
            description =
                    "Attaches a network: pending, everything denied, until a session binds it.",
            mixinStandardHelpOptions = true)
    int attach(
            @Option(
                            names = "--interface",
                            required = true,
                            paramLabel = "IF",
                            description = "Host side of the sandbox's interface.")
                    String interfaceName,
            @Option(
                            names = "--address",
                            required = true,
                            paramLabel = "CIDR",
                            description =
                                    "A source address or block of the sandbox; repeat for more.")
                    List<String> addresses,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            description =
                                    "The network's name, of your choice: told again, it is attached once.")
                    @Nullable String id,
            @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        ObjectNode body = SessionCommand.place(interfaceName, addresses);
        if (id != null) {
            body.put("id", id);
        }
        JsonNode network = node.client().post("/v1/networks", body);
        return node.print(
                network,
                out ->
                        out.println(
                                "network "
                                        + network.path("id").stringValue()
                                        + (network.path("session").isString()
                                                ? " is attached, and session "
                                                        + network.path("session").stringValue()
                                                        + " runs on it"
                                                : " attached, pending: everything is denied until a session binds it")));
    }

    @Command(
            name = "list",
            description = "Networks that are attached to this node.",
            mixinStandardHelpOptions = true)
    int list(@Mixin NodeOption node) throws IOException, NodeClient.Refused {
        JsonNode answer = node.client().get("/v1/networks");
        return node.print(answer, out -> Show.networks(answer.path("networks"), out));
    }

    @Command(
            name = "detach",
            description =
                    "Detaches a pending network and forgets its interface: the host's own rules hold for it again.",
            mixinStandardHelpOptions = true)
    int detach(@Parameters(paramLabel = "ID") String id, @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        JsonNode answer = node.client().delete("/v1/networks/" + Show.pathSegment(id));
        return node.print(answer, out -> out.println("network " + id + " detached"));
    }
}
