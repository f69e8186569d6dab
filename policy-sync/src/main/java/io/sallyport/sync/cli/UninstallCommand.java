package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.node.Node;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport uninstall}: the one command after which sandboxes are not guarded any more. */
@Command(
        name = "uninstall",
        description = {
            "Takes every rule, set and address of this installation off the host. The node must be stopped.",
            "Sandboxes that still run are not guarded afterwards: the host's own rules hold for them."
        },
        mixinStandardHelpOptions = true)
final class UninstallCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private DataOption data;

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(names = "--yes", description = "Do it.")
    private boolean yes;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (!yes) {
            spec.commandLine()
                    .getErr()
                    .println(
                            "sallyport: sandboxes that still run would not be guarded any more; say --yes to go on");
            spec.commandLine().getErr().flush();
            return Cli.USAGE;
        }
        NodeFile file = config.read();
        Node.uninstall(
                new Node.Config(
                        data.directory(),
                        file.dns4(),
                        file.dns6(),
                        file.http(),
                        List.of(),
                        List.of(),
                        List.of(),
                        file.cacheBytes(),
                        file.serveStale(),
                        file.validation(),
                        1,
                        file.limits(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
        out.println("rules, sets and addresses of " + data.directory().path() + " are gone");
        out.flush();
        return Cli.OK;
    }
}
