package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sallyport control}: needs no privileges. */
@Command(
        name = "control",
        description =
                "Runs the control server until it is told to stop: settings, API and console; no node.",
        mixinStandardHelpOptions = true)
final class ControlCommand implements Callable<Integer> {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "YAML configuration; options go before it.")
    private @Nullable Path config;

    @Mixin private DataOption data = new DataOption();

    @Mixin private ListenOption listen = new ListenOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        NodeFile file = config == null ? NodeFile.defaults() : NodeFile.read(config);
        StopSignal stop = new StopSignal();
        try (Serving serving = Serving.start(data.directory(), listen.over(file.control()))) {
            serving.announce(spec.commandLine().getOut());
            stop.await();
        } finally {
            stop.done();
        }
        return Cli.OK;
    }
}
