package io.sallyport.sync.cli;

import io.sallyport.resolver.heap.Heap;
import io.sallyport.sync.config.NodeFile;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code sallyport control}: needs no privileges. */
@Command(
        name = "control",
        description =
                "Runs the control server until it is told to stop: settings, API and console; no node.",
        mixinStandardHelpOptions = true)
final class ControlCommand implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();

    @Mixin private DataOption data = new DataOption();

    @Mixin private ListenOption listen = new ListenOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli fills it in
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        NodeFile file = config.read();
        StopSignal stop = new StopSignal();
        try (Serving serving = Serving.start(data.directory(), listen.over(file.control()))) {
            serving.announce(spec.commandLine().getOut());
            Heap.keepSmall();
            stop.await();
        } finally {
            stop.done();
        }
        return Cli.OK;
    }
}
