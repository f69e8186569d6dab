package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.config.NodeFile.ControlServer;
import io.sallyport.sync.host.Host;
import io.sallyport.sync.report.Reports;
import io.sallyport.sync.uplink.Uplink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The control server of a node, where it has one. */
final class ControlOption {
    @Option(
            names = "--control",
            paramLabel = "URL",
            description = "Pull policies from this server, report to it and do what it orders.")
    private @Nullable String url;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "With --control: the node's token, in a file that only root reads.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "With --control: authorities in PEM, instead of those the JDK trusts.")
    private @Nullable Path caFile;

    @Option(
            names = "--node-name",
            paramLabel = "NAME",
            description =
                    "What this node is called by --control and --kubernetes (default: $NODE_NAME, or its"
                            + " host name).")
    private @Nullable String node;

    /** What the options say, or else the file. */
    Optional<ControlServer> server(NodeFile file) {
        Optional<String> name = Optional.ofNullable(node).map(Reports::node);
        if (url == null) {
            return file.controlServer()
                    .map(server -> new ControlServer(server.uplink(), name.or(server::node)));
        }
        if (tokenFile == null) {
            throw new IllegalArgumentException(
                    "--control needs --token-file with the node's token");
        }
        return Optional.of(
                new ControlServer(
                        Uplink.Config.of(url, tokenFile, Optional.ofNullable(caFile)), name));
    }

    /** The way there. */
    static Reports.Control reports(ControlServer server) throws IOException {
        String name = server.node().isPresent() ? server.node().get() : name();
        return Reports.http(Uplink.open(server.uplink()), Reports.node(name));
    }

    /**
     * What this node is called.
     *
     * @param file as the configuration file has it
     */
    String nodeName(Optional<String> file) throws IOException {
        Optional<String> given = Optional.ofNullable(node).or(() -> file);
        return given.isPresent() ? given.get() : name();
    }

    private static String name() throws IOException {
        String environment = System.getenv("NODE_NAME");
        return environment == null || environment.isBlank() ? hostName() : environment.strip();
    }

    static String hostName() throws IOException {
        return Host.setting("kernel/hostname").strip();
    }
}
