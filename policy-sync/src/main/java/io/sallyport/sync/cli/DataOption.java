package io.sallyport.sync.cli;

import io.sallyport.sync.store.OrgStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which installation: the directory that everything of it lives under. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The installation's directory; /var/lib/sallyport for root, ./var otherwise.")
    @Nullable Path given;

    Path directory() throws IOException {
        if (given != null) {
            return given;
        }
        boolean root = Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
        return Path.of(root ? "/var/lib/sallyport" : "var");
    }

    OrgStore openStore() throws IOException {
        return OrgStore.open(directory());
    }
}
