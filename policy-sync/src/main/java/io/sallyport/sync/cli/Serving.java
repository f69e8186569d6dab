package io.sallyport.sync.cli;

import io.sallyport.sync.admission.Admission;
import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.node.Node;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.token.Tokens;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A control server with its database, from the first token to the last answer. */
final class Serving implements Node.Beside, AutoCloseable {
    /** Where commands look. */
    static final String URL = "control";

    private static final String PID = "control-pid";
    private static final String METRICS = "control-metrics";

    /** What a command has to trust: the certificate is often the installation's own. */
    static final String CERTIFICATE = "control-certificate";

    private final DataDirectory data;
    private final Database database;
    private final NodeFile.Control config;
    private @Nullable Control control;
    private Optional<Path> firstToken = Optional.empty();

    private Serving(DataDirectory data, Database database, NodeFile.Control config) {
        this.data = data;
        this.database = database;
        this.config = config;
    }

    static Serving start(DataDirectory data, NodeFile.Control config) throws IOException {
        data.create();
        if (config.store().isEmpty() && data.endpoints().containsKey(Stores.MARK)) {
            data.withdraw(Set.of(Stores.MARK)); // the configuration says otherwise now
        }
        Serving serving = new Serving(data, Stores.open(data, config.store()), config);
        boolean started = false;
        try {
            serving.resume();
            started = true;
            return serving;
        } finally {
            if (!started) {
                serving.close();
            }
        }
    }

    /** Serves, from now on or again. */
    @Override
    public void resume() throws IOException {
        if (control != null) {
            return;
        }
        Control running =
                Control.start(
                        new Control.Config(
                                config.listen(),
                                config.tls()
                                        .map(tls ->
                                                new Control.TlsFiles(
                                                        tls.certificate(),
                                                        tls.key(),
                                                        config.webhook()
                                                                .flatMap(
                                                                        Admission.Config
                                                                                ::clientCa))),
                                config.signIn(),
                                config.limits(),
                                Optional.of(config.metrics()),
                                config.webhook()),
                        database);
        control = running;
        try {
            firstToken = new Tokens(database, InstantSource.system()).bootstrap(data);
        } catch (Refusal e) {
            throw new IOException(e.getMessage(), e);
        }
        data.announce(
                Map.of(URL, running.url(), PID, Long.toString(ProcessHandle.current().pid())));
        if (running.metricsUrl().isPresent()) {
            data.announce(Map.of(METRICS, running.metricsUrl().get()));
        }
        if (config.store().isPresent()) {
            data.announce(Map.of(Stores.MARK, "database-server"));
        }
        if (config.tls().isPresent()) {
            data.announce(
                    Map.of(
                            CERTIFICATE,
                            config.tls().get().certificate().toAbsolutePath().toString()));
        }
    }

    /** What the server and others in this process share. */
    Database database() {
        return database;
    }

    void announce(PrintWriter out) {
        if (control != null) {
            out.println("sallyport: control and console on " + control.url());
        }
        firstToken.ifPresent(
                file -> out.println("sallyport: the first admin's token is in " + file));
        out.flush();
    }

    /** What another process serves now is not withdrawn. */
    @Override
    public void rest() throws IOException {
        Control running = control;
        control = null;
        if (running != null) {
            data.withdraw(Set.of(URL, PID, METRICS, CERTIFICATE));
            running.close();
        }
    }

    @Override
    public void close() throws IOException {
        rest();
        database.close();
    }
}
