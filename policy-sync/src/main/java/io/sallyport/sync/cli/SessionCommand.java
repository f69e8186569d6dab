package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sallyport session}: sessions of the node on this host. */
@Command(
        name = "session",
        description = "Starts, lists, shows and ends sessions of the node on this host.",
        mixinStandardHelpOptions = true)
final class SessionCommand {
    @Command(
            name = "start",
            description =
                    "Pulls the org's policy, freezes it and puts it in force for one sandbox network.",
            mixinStandardHelpOptions = true)
    int start(
            @Option(
                            names = "--org",
                            required = true,
                            paramLabel = "ORG",
                            description = "Whose policy.")
                    String org,
            @Option(
                            names = "--agent",
                            paramLabel = "AGENT",
                            description =
                                    "Which agent; one with code execution off gets no session.")
                    @Nullable String agent,
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
                            names = "--observe",
                            description =
                                    "Answer and record names that nothing allows, instead of denying them. Never leave it on.")
                    boolean observe,
            @Option(
                            names = "--id",
                            paramLabel = "ID",
                            description =
                                    "The session's name, of your choice: told again, it is started once.")
                    @Nullable String id,
            @Option(
                            names = "--lease",
                            paramLabel = "SECONDS",
                            description =
                                    "End the session when no heartbeat comes for so long; without it, it runs until it is ended.")
                    @Nullable Integer lease,
            @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        ObjectNode body = place(interfaceName, addresses).put("org", org);
        if (agent != null) {
            body.put("agent", agent);
        }
        if (observe) {
            body.put("mode", "observe");
        }
        if (id != null) {
            body.put("id", id);
        }
        if (lease != null) {
            body.put("lease", lease);
        }
        JsonNode session = node.client().post("/v1/sessions", body);
        return node.print(
                session,
                out -> {
                    out.println("session " + session.path("id").stringValue() + " started");
                    Show.session(session, out);
                });
    }

    @Command(
            name = "list",
            description = "Sessions that run on this node.",
            mixinStandardHelpOptions = true)
    int list(
            @Option(
                            names = "--stale",
                            description =
                                    "Only those whose org has newer settings, which reach its next session.")
                    boolean stale,
            @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        JsonNode answer =
                node.client().get("/v1/sessions", stale ? Map.of("stale", "true") : Map.of());
        return node.print(answer, out -> Show.sessions(answer.path("sessions"), stale, out));
    }

    @Command(
            name = "heartbeat",
            description = "Says that whoever started these sessions is still there.",
            mixinStandardHelpOptions = true)
    int heartbeat(
            @Parameters(paramLabel = "ID", arity = "1..*") List<String> ids, @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        ArrayNode listed = body.putArray("ids");
        ids.forEach(listed::add);
        JsonNode answer = node.client().post("/v1/heartbeats", body);
        int printed = node.print(answer, out -> Show.heartbeats(answer, out));
        return answer.path("unknown").isEmpty() ? printed : Cli.FAILED;
    }

    @Command(
            name = "show",
            description = "One session and what it was denied so far.",
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "ID") String id, @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        JsonNode session = node.client().get("/v1/sessions/" + Show.pathSegment(id));
        return node.print(session, out -> Show.report(session, out));
    }

    @Command(
            name = "end",
            description =
                    "Ends a session: its names, ways out and flows are gone; prints what it was denied.",
            mixinStandardHelpOptions = true)
    int end(@Parameters(paramLabel = "ID") String id, @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        JsonNode session = node.client().delete("/v1/sessions/" + Show.pathSegment(id));
        return node.print(
                session,
                out -> {
                    if (session.isEmpty()) {
                        out.println("session " + id + " is not there: it has ended, or never was");
                    } else {
                        out.println("session " + id + " ended");
                        Show.report(session, out);
                    }
                });
    }

    static ObjectNode place(String interfaceName, List<String> addresses) {
        ObjectNode body = JsonNodeFactory.instance.objectNode().put("interface", interfaceName);
        ArrayNode listed = body.putArray("addresses");
        addresses.forEach(listed::add);
        return body;
    }
}
