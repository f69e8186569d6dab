package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sallyport up}: the node takes its policies from the control server's store beside it. */
@Command(
        name = "up",
        description =
                "Runs everything on one host: a node, and the control server with its console and store.",
        mixinStandardHelpOptions = true)
final class UpCommand extends NodeCommand {
    /** There is but this one. */
    private static final String NODE = "local";

    @Mixin private ListenOption listen = new ListenOption();

    @Override
    Beside beside(DataDirectory data, NodeFile file, Optional<Path> policies) throws IOException {
        if (isTold(file, policies)) {
            return super.beside(data, file, policies); // settings in a store would change nothing
        }
        Serving serving = Serving.start(data, listen.over(file.control()));
        InstantSource clock = InstantSource.system();
        PolicySource source =
                PolicySource.of(OrgStore.of(serving.database(), clock), Presets.shipped());
        return new Beside(
                source,
                Optional.of(new InProcess(serving.database(), clock, NODE)),
                Optional.of(serving));
    }
}
