package io.sallyport.sync.cli;

import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.remote.Remote;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whose settings a command works on: the store of an installation here, or a control server's. */
final class StoreOption {
    @Mixin private DataOption data = new DataOption();

    @Mixin private ConfigOption config = new ConfigOption();

    @Option(
            names = "--control",
            paramLabel = "URL",
            description = "Work through this control server, such as https://control.example:7053.")
    private @Nullable String control;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "With --control: a file with the token; DIR/admin.token if not given.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "With --control: PEM certificates of who may vouch for it.")
    private @Nullable Path caFile;

    DataDirectory directory() {
        return data.directory();
    }

    Orgs open() throws IOException {
        Optional<Remote> remote = remote();
        return remote.isPresent() ? new RemoteOrgs(remote.get()) : new LocalOrgs(openDatabase());
    }

    /** The store itself, for commands that have more than orgs in mind. */
    Database openDatabase() throws IOException {
        return Stores.open(directory(), config.read().control().store());
    }

    /**
     * The server that is named, or the one of this installation where its store is no file here.
     *
     * @throws IllegalArgumentException if options do not go together
     */
    Optional<Remote> remote() throws IOException {
        if (control != null) {
            Path token = tokenFile == null ? directory().adminToken() : tokenFile;
            if (config.given()) {
                throw new IllegalArgumentException(
                        "--config names the store to work on, --control a server that has its own; give"
                                + " one of them");
            }
            if (!Files.isReadable(token)) {
                throw new IllegalArgumentException(
                        "--control needs a token: there is none to read in "
                                + token
                                + "; name its file with --token-file");
            }
            return Optional.of(Remote.of(control, token, Optional.ofNullable(caFile)));
        }
        if (tokenFile != null || caFile != null) {
            throw new IllegalArgumentException(
                    "--token-file and --ca-file say nothing without --control; give the address of a"
                            + " control server");
        }
        if (config.given()) {
            return Optional.empty();
        }
        Map<String, String> endpoints = directory().endpoints();
        String url = endpoints.get(Serving.URL);
        if (url == null || !endpoints.containsKey(Stores.MARK)) {
            return Optional.empty();
        }
        return Optional.of(
                Remote.of(
                        url,
                        directory().adminToken(),
                        Optional.ofNullable(endpoints.get(Serving.CERTIFICATE)).map(Path::of)));
    }
}
