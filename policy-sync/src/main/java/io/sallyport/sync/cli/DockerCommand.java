package io.sallyport.sync.cli;

import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.docker.Docker;
import io.sallyport.sync.docker.Docker.Guarded;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sallyport docker}: networks and containers of a Docker engine on this host. */
@Command(
        name = "docker",
        description =
                "Puts Docker networks and containers under the node of this host, by name or by their labels"
                        + " sallyport.org and sallyport.agent.",
        mixinStandardHelpOptions = true)
final class DockerCommand {
    private static final String WHICH = "NETWORK|CONTAINER";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    /** Where the engine listens. */
    static final class EngineOption {
        @Option(
                names = "--docker-socket",
                paramLabel = "PATH",
                defaultValue = "/var/run/docker.sock",
                description = "The engine's Unix socket (default: ${DEFAULT-VALUE}).")
        @SuppressWarnings("NullAway.Init") // picocli fills it in
        private Path socket;

        Docker docker(NodeOption node) {
            return Docker.at(socket, node::client);
        }
    }

    @Command(
            name = "attach",
            description = "Starts a session for a network, or for a running container's addresses.",
            mixinStandardHelpOptions = true)
    int attach(
            @Parameters(paramLabel = WHICH, description = "By name or id.") String name,
            @Option(
                            names = "--org",
                            paramLabel = "ORG",
                            description = "Whose policy (default: the label sallyport.org).")
                    @Nullable String org,
            @Option(
                            names = "--agent",
                            paramLabel = "AGENT",
                            description = "Which agent (default: the label sallyport.agent).")
                    @Nullable String agent,
            @Option(
                            names = "--observe",
                            description =
                                    "Answer and record names that nothing allows, instead of denying them. Never leave it on.")
                    boolean observe,
            @Mixin EngineOption engine,
            @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        List<JsonNode> sessions = engine.docker(node).attach(name, org, agent, observe);
        ArrayNode listed = JsonNodeFactory.instance.arrayNode();
        sessions.forEach(listed::add);
        return node.print(
                JsonNodeFactory.instance.objectNode().set("sessions", listed),
                out ->
                        sessions.forEach(session -> {
                            out.println("session " + session.path("id").stringValue() + " started");
                            Show.session(session, out);
                        }));
    }

    @Command(
            name = "list",
            description = "What of the engine's this node guards.",
            mixinStandardHelpOptions = true)
    int list(@Mixin EngineOption engine, @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        List<Guarded> list = engine.docker(node).list();
        ArrayNode listed = JsonNodeFactory.instance.arrayNode();
        list.forEach(each -> listed.add(json(each)));
        return node.print(
                JsonNodeFactory.instance.objectNode().set("guarded", listed),
                out -> list.forEach(each -> row(each, out)));
    }

    @Command(
            name = "detach",
            description =
                    "Ends the session and forgets the network or container: Docker's own rules hold for it again.",
            mixinStandardHelpOptions = true)
    int detach(
            @Parameters(paramLabel = WHICH, description = "By name, id, or id of the list.")
                    String name,
            @Mixin EngineOption engine,
            @Mixin NodeOption node)
            throws IOException, NodeClient.Refused {
        List<String> ended = engine.docker(node).detach(name);
        ArrayNode listed = JsonNodeFactory.instance.arrayNode();
        ended.forEach(listed::add);
        return node.print(
                JsonNodeFactory.instance.objectNode().set("detached", listed),
                out -> ended.forEach(id -> out.println(id + " detached")));
    }

    @Command(
            name = "watch",
            description = {
                "Follows the engine until it is told to stop: what has the label sallyport.org gets a session when it"
                        + " starts, and loses it when it goes.",
                "Sessions go on while it is not there; it catches up when it comes back."
            },
            mixinStandardHelpOptions = true)
    int watch(@Mixin EngineOption engine, @Mixin NodeOption node) throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        Docker docker = engine.docker(node);
        Thread watcher =
                Thread.ofPlatform()
                        .name("docker")
                        .start(() ->
                                docker.watch(() -> {
                                    out.println("sallyport: ready. Watching the engine");
                                    out.flush();
                                }));
        StopSignal stop = new StopSignal();
        stop.await();
        watcher.interrupt();
        watcher.join();
        stop.done();
        return Cli.OK;
    }

    private static ObjectNode json(Guarded each) {
        ObjectNode node =
                JsonNodeFactory.instance
                        .objectNode()
                        .put("id", each.id())
                        .put("what", each.what())
                        .put("interface", each.interfaceName());
        ArrayNode addresses = node.putArray("addresses");
        each.addresses().forEach(addresses::add);
        each.session().ifPresent(session -> node.put("session", session));
        each.org().ifPresent(org -> node.put("org", org));
        return node;
    }

    private static void row(Guarded each, PrintWriter out) {
        out.println(
                each.id()
                        + "  "
                        + Words.printable(each.what())
                        + "  "
                        + each.interfaceName()
                        + "  "
                        + String.join(" ", each.addresses())
                        + "  "
                        + each.session().map(id -> "session " + id).orElse("closed")
                        + each.org().map(org -> " of " + Words.printable(org)).orElse(""));
    }
}
