package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.source.PolicySource;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** Which policy source a command means. */
final class Policies {
    private Policies() {}

    /** The YAML file if one is named, else the installation's own store. */
    static PolicySource source(
            DataDirectory data,
            Optional<Database.Server> server,
            Optional<Path> file,
            Presets presets)
            throws IOException {
        return file.isPresent()
                ? PolicySource.of(file.get(), presets)
                : PolicySource.of(OrgStore.open(Stores.open(data, server)), presets);
    }
}
