package io.sallyport.sync.config;

import io.sallyport.sync.config.NodeFile.Control;
import io.sallyport.sync.config.NodeFile.Tls;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** The keys that the control server reads in the common file. */
final class ControlKeys {
    /** Loopback: whoever opens it wider gives it a certificate as well. */
    private static final InetSocketAddress LISTEN =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 7053);

    private ControlKeys() {}

    static Control read(Document.Fields fields) {
        return new Control(
                fields.optional("control-listen")
                        .map(value -> value.textAs(NodeFile::listen))
                        .orElse(LISTEN),
                tls(fields),
                fields.optional("store").map(ControlKeys::store),
                fields.optional("sign-in").map(SignIn.Config::read).orElse(SignIn.Config.DEFAULT));
    }

    private static Optional<Tls> tls(Document.Fields fields) {
        Optional<Path> certificate =
                fields.optional("tls-certificate").map(value -> Path.of(value.text()));
        Optional<Path> key = fields.optional("tls-key").map(value -> Path.of(value.text()));
        if (certificate.isPresent() != key.isPresent()) {
            throw new IllegalArgumentException(
                    "tls-certificate and tls-key go together; give both or neither");
        }
        return certificate.map(file -> new Tls(file, key.orElseThrow()));
    }

    private static Database.Server store(Document document) {
        Document.Fields fields = document.fields();
        Database.Server server =
                document.as(
                        _ -> fields,
                        given ->
                                new Database.Server(
                                        given.required("url").text(),
                                        given.required("user").text(),
                                        Path.of(given.required("password-file").text())));
        fields.end();
        return server;
    }
}
