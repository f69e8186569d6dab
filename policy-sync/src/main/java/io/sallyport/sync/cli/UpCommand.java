package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.io.PrintWriter;
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
    @Mixin private ListenOption listen = new ListenOption();

    @Override
    Beside beside(DataDirectory data, NodeFile file, Optional<Path> policies) throws IOException {
        if (policies.isPresent()) {
            return super.beside(data, file, policies); // settings in a store would change nothing
        }
        Serving serving = Serving.start(data, listen.over(file.control()));
        PolicySource source =
                PolicySource.of(
                        OrgStore.of(serving.database(), InstantSource.system()), Presets.shipped());
        return new Beside() {
            @Override
            public PolicySource source() {
                return source;
            }

            @Override
            public void announce(PrintWriter out) {
                serving.announce(out);
            }

            @Override
            public void close() throws IOException {
                serving.close();
            }
        };
    }
}
