package io.sallyport.sync.cli;

import io.sallyport.sync.admission.Admission;
import io.sallyport.sync.config.NodeFile;
import io.sallyport.sync.config.NodeFile.Tls;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a control server is reached; what is said here goes before the file. */
final class ListenOption {
    @Option(
            names = "--listen",
            paramLabel = "ADDR:PORT",
            description = "The API and the console (default: 127.0.0.1:7053).")
    private @Nullable String listen;

    @Option(
            names = "--metrics-listen",
            paramLabel = "ADDR:PORT",
            description = "Metrics of the control server (default: 127.0.0.1:9154).")
    private @Nullable String metrics;

    @Option(
            names = "--tls-certificate",
            paramLabel = "FILE",
            description = "PEM: the server's certificate, and those between it and the root.")
    private @Nullable Path certificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            description = "PEM: its key, PKCS #8 without a password.")
    private @Nullable Path key;

    @Option(
            names = "--webhook",
            description =
                    "Serve the admission webhook of a Kubernetes cluster at /webhook/pods; webhook: in the"
                            + " configuration file says what it does.")
    private boolean webhook;

    NodeFile.Control over(NodeFile.Control file) {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException(
                    "--tls-certificate and --tls-key go together; give both or neither");
        }
        NodeFile.Control control =
                new NodeFile.Control(
                        listen == null ? file.listen() : NodeFile.listen(listen),
                        metrics == null ? file.metrics() : NodeFile.listen(metrics),
                        certificate == null || key == null
                                ? file.tls()
                                : Optional.of(new Tls(certificate, key)),
                        file.store(),
                        file.signIn(),
                        file.limits(),
                        webhook
                                ? file.webhook().or(() -> Optional.of(Admission.Config.usual()))
                                : file.webhook());
        if (control.tls().isEmpty() && !control.listen().getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "without a certificate the control server listens on loopback addresses only:"
                            + " tokens would travel in the clear; give --tls-certificate and"
                            + " --tls-key, or let a proxy on this host do TLS");
        }
        if (control.tls().isEmpty()
                && control.webhook().flatMap(Admission.Config::clientCa).isPresent()) {
            throw new IllegalArgumentException(
                    "webhook: client-ca-file says nothing without a certificate of the server's own: nobody"
                            + " is asked for one; give --tls-certificate and --tls-key");
        }
        return control;
    }
}
