package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.util.Optional;

/** The one way to an installation's store, for its servers and for commands. */
final class Stores {
    /** Among the endpoints: that the orgs are in no file here, also while no server runs. */
    static final String MARK = "control-store";

    private Stores() {}

    /**
     * @param server as the configuration has it; empty for the file below the directory
     * @throws IOException if the installation's orgs are known to be elsewhere: a file that nobody
     *     reads would be written
     */
    static Database open(DataDirectory data, Optional<Database.Server> server) throws IOException {
        if (server.isPresent()) {
            return Database.open(server.get());
        }
        if (data.endpoints().containsKey(MARK)) {
            throw new IOException(
                    "the orgs of "
                            + data.path()
                            + " are in a database server, not in a file there; name the configuration"
                            + " that says which with --config FILE, or start its control server");
        }
        return Database.open(data.path());
    }
}
