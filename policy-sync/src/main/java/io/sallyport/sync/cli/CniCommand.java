package io.sallyport.sync.cli;

import io.sallyport.sync.chain.Chain;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sallyport cni}: our plugin in a container runtime's chain of network plugins. */
@Command(
        name = "cni",
        description = "Puts the CNI plugin into a container runtime's network configuration.",
        mixinStandardHelpOptions = true)
final class CniCommand {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    /** Where the runtime keeps its configurations. */
    static final class Directories {
        @Option(
                names = "--conf-dir",
                paramLabel = "DIR",
                defaultValue = "/etc/cni/net.d",
                description = "The runtime's CNI configurations (default: ${DEFAULT-VALUE}).")
        @SuppressWarnings("NullAway.Init") // picocli fills it in
        private Path directory;

        @Option(
                names = "--bin-dir",
                paramLabel = "DIR",
                defaultValue = "/opt/cni/bin",
                description = "The runtime's CNI plugins (default: ${DEFAULT-VALUE}).")
        @SuppressWarnings("NullAway.Init") // picocli fills it in
        private Path binaries;

        @Option(
                names = "--conf-name",
                paramLabel = "NAME",
                description =
                        "The file to be in (default: the first by name, as runtimes take it).")
        private @Nullable String name;

        @Option(
                names = "--dedicated",
                paramLabel = "FILE",
                description =
                        "A runtime handler's own conflist: it is put into --conf-dir as a whole, with the plugin behind.")
        private @Nullable Path dedicated;

        Chain chain(Path program, ObjectNode entry) {
            return Chain.of(
                    new Chain.Config(
                            program,
                            binaries,
                            directory,
                            Optional.ofNullable(name),
                            Optional.ofNullable(dedicated),
                            entry));
        }
    }

    /** What the plugin is told. */
    static final class Entry {
        @Option(
                names = "--socket",
                paramLabel = "PATH",
                defaultValue = "/run/sallyport/cni.sock",
                description =
                        "The node's --cni-socket, as the host sees it (default: ${DEFAULT-VALUE}).")
        @SuppressWarnings("NullAway.Init") // picocli fills it in
        private Path socket;

        @Option(
                names = "--timeout",
                paramLabel = "SECONDS",
                description = "How long the plugin waits for the node (default: 10).")
        private @Nullable Integer seconds;

        @Option(
                names = "--org",
                paramLabel = "ORG",
                description =
                        "Whose session every container gets; without it, who knows the pod says so.")
        private @Nullable String org;

        @Option(names = "--agent", paramLabel = "AGENT", description = "Which agent of the org.")
        private @Nullable String agent;

        @Option(
                names = "--exclude-namespace",
                paramLabel = "NAMESPACE",
                description = "Its pods are no sandboxes and are left alone; repeat for more.")
        private List<String> excluded = new ArrayList<>();

        ObjectNode document() {
            ObjectNode entry =
                    JsonNodeFactory.instance
                            .objectNode()
                            .put("type", "sallyport-cni")
                            .put("socket", socket.toString());
            if (seconds != null) {
                entry.put("timeoutSeconds", java.math.BigInteger.valueOf(seconds));
            }
            if (org != null) {
                entry.put("org", org);
            }
            if (agent != null) {
                entry.put("agent", agent);
            }
            if (!excluded.isEmpty()) {
                ArrayNode namespaces = entry.putArray("excludeNamespaces");
                excluded.forEach(namespaces::add);
            }
            return entry;
        }
    }

    @Command(
            name = "install",
            description = {
                "Copies the plugin and makes it the last of the runtime's chain.",
                "With --watch it stays, and puts it back when another plugin rewrites the configuration."
            },
            mixinStandardHelpOptions = true)
    int install(
            @Mixin Directories directories,
            @Mixin Entry entry,
            @Option(
                            names = "--plugin",
                            paramLabel = "FILE",
                            defaultValue = "${env:SALLYPORT_CNI:-/opt/sallyport/cni/sallyport-cni}",
                            description = "The plugin (default: ${DEFAULT-VALUE}).")
                    Path program,
            @Option(
                            names = "--report",
                            paramLabel = "FILE",
                            defaultValue = "/run/sallyport/cni-conf.json",
                            description =
                                    "With --watch: where the node reads how it is (default: ${DEFAULT-VALUE}).")
                    Path report,
            @Option(names = "--watch", description = "Stay and repair.") boolean watch)
            throws IOException, InterruptedException {
        Chain chain = directories.chain(program, entry.document());
        if (watch) {
            return watch(chain, report);
        }
        return switch (chain.install()) {
            case Chain.There(Path file) -> say("the plugin is in " + file);
            case Chain.Written(Path file) -> say("the plugin is in " + file + " now");
            case Chain.Nothing(String why) -> throw new IOException(why);
        };
    }

    private int watch(Chain chain, Path report) throws InterruptedException {
        StopSignal stop = new StopSignal();
        Thread watcher =
                Thread.ofPlatform()
                        .name("chain")
                        .start(() -> {
                            try {
                                chain.watch(report, this::say);
                            } catch (IOException e) {
                                say("cannot watch: " + e.getMessage());
                                stop.tell();
                            }
                        });
        stop.await();
        watcher.interrupt();
        watcher.join();
        stop.done();
        return Cli.OK;
    }

    @Command(
            name = "uninstall",
            description = {
                "Takes the plugin out of every configuration of the directory; the program itself stays.",
                "Containers that start from then on are not guarded."
            },
            mixinStandardHelpOptions = true)
    int uninstall(@Mixin Directories directories) throws IOException {
        List<Path> changed =
                directories.chain(Path.of("/"), JsonNodeFactory.instance.objectNode()).uninstall();
        return say(
                changed.isEmpty()
                        ? "the plugin is in no configuration there"
                        : "the plugin is out of "
                                + String.join(", ", changed.stream().map(Path::toString).toList()));
    }

    private int say(String sentence) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("sallyport: " + sentence);
        out.flush();
        return Cli.OK;
    }
}
