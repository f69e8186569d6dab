package io.sallyport.sync.cli;

import io.sallyport.sync.config.NodeFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The configuration of an installation. */
final class ConfigOption {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The installation's YAML configuration; options go before it.")
    private @Nullable Path file;

    boolean given() {
        return file != null;
    }

    /** What the file says; the defaults without one. */
    NodeFile read() throws IOException {
        return file == null ? NodeFile.defaults() : NodeFile.read(file);
    }
}
