package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which installation: the directory that everything of it lives under. */
final class DataOption {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description =
                    "The installation's directory; what SALLYPORT_DATA names, or /var/lib/sallyport for root, ./var otherwise.")
    private @Nullable Path given;

    DataDirectory directory() {
        return given == null ? DataDirectory.byDefault() : new DataDirectory(given);
    }
}
