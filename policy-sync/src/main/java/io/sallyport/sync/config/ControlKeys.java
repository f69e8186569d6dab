package io.sallyport.sync.config;

import io.sallyport.sync.admission.Admission;
import io.sallyport.sync.config.NodeFile.Control;
import io.sallyport.sync.config.NodeFile.Tls;
import io.sallyport.sync.control.Control.Limits;
import io.sallyport.sync.control.Control.Rates;
import io.sallyport.sync.control.Control.Sizes;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.limit.RateLimit.Rate;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** The keys that the control server reads in the common file. */
final class ControlKeys {
    /** Loopback: whoever opens it wider gives it a certificate as well. */
    private static final InetSocketAddress LISTEN =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 7053);

    /** Next to the node's. Whoever opens it wider says who may reach it: it asks for no token. */
    private static final InetSocketAddress METRICS =
            new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9154);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** More than a machine answers. */
    private static final int MOST_REQUESTS = 1_000_000;

    /** A longer document is not read. */
    private static final int MOST_KIB = 8 << 10;

    private ControlKeys() {}

    static Control read(Document.Fields fields) {
        return new Control(
                fields.optional("control-listen")
                        .map(value -> value.textAs(NodeFile::listen))
                        .orElse(LISTEN),
                fields.optional("control-metrics-listen")
                        .map(value -> value.textAs(NodeFile::listen))
                        .orElse(METRICS),
                tls(fields),
                fields.optional("store").map(ControlKeys::store),
                fields.optional("sign-in").map(SignIn.Config::read).orElse(SignIn.Config.DEFAULT),
                fields.optional("control-limits").map(ControlKeys::limits).orElse(Limits.DEFAULT),
                fields.optional("webhook").map(Admission.Config::read));
    }

    private static Limits limits(Document document) {
        Document.Fields fields = document.fields();
        Rates rates = Rates.DEFAULT;
        Sizes sizes = Sizes.DEFAULT;
        Limits limits =
                new Limits(
                        new Rates(
                                rate(fields, "address", rates.address()),
                                rate(fields, "person", rates.person()),
                                rate(fields, "node", rates.node())),
                        new Sizes(
                                size(fields, "body-kib", sizes.fields()),
                                size(fields, "list-kib", sizes.lists())));
        fields.end();
        return limits;
    }

    /** So many a second for ever, and so many at once after a pause. */
    private static Rate rate(Document.Fields fields, String who, Rate usual) {
        return new Rate(
                number(fields, who + "-burst", MOST_REQUESTS, usual.burst()),
                number(fields, who + "-per-second", MOST_REQUESTS, usual.count()),
                SECOND);
    }

    private static int size(Document.Fields fields, String key, int usual) {
        return number(fields, key, MOST_KIB, usual >> 10) << 10;
    }

    private static int number(Document.Fields fields, String key, int most, int usual) {
        return fields.optional(key).map(value -> (int) value.number(1, most)).orElse(usual);
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
