package io.sallyport.sync.control;

import io.helidon.common.tls.Tls;
import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the files of the certificate now and then, and puts a new pair in force for the
 * connections that come. A pair that cannot be used, such as one of which only half is there yet,
 * leaves the one before in force.
 */
final class Renewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Renewal.class);

    /** Certificates are renewed days before their end; two small files cost nothing to read. */
    private static final Duration BETWEEN = Duration.ofSeconds(10);

    private final Control.TlsFiles files;
    private final Consumer<Tls> inForce;
    private final Thread looking;
    private String seen;
    private String complaint = "";

    private Renewal(Control.TlsFiles files, String seen, Consumer<Tls> inForce, Duration between) {
        this.files = files;
        this.seen = seen;
        this.inForce = inForce;
        this.looking =
                Thread.ofVirtual().name("certificate-renewal").unstarted(() -> look(between));
    }

    static Renewal of(Control.TlsFiles files, Certificate first, WebServer server) {
        return of(files, first, server::reloadTls, BETWEEN);
    }

    static Renewal of(
            Control.TlsFiles files, Certificate first, Consumer<Tls> inForce, Duration between) {
        Renewal renewal = new Renewal(files, first.digest(), inForce, between);
        renewal.looking.start();
        return renewal;
    }

    private void look(Duration between) {
        try {
            while (true) {
                Thread.sleep(between);
                renew();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed
        }
    }

    /** What was looked at once is not complained of again. */
    void renew() {
        try {
            String now = Certificate.digest(files);
            if (now.equals(seen)) {
                return;
            }
            seen = now;
            Certificate next = Certificate.read(files);
            inForce.accept(next.tls());
            seen = next.digest();
            complaint = "";
            LOG.info(
                    "certificate renewed file={} until={}",
                    files.certificate(),
                    next.leaf().getNotAfter().toInstant());
        } catch (IOException | RuntimeException e) {
            complain(e);
        }
    }

    private void complain(Exception trouble) {
        String what = String.valueOf(trouble.getMessage());
        if (!what.equals(complaint)) {
            LOG.warn("the certificate stays as it was: {}", what);
        }
        complaint = what;
    }

    @Override
    public void close() {
        looking.interrupt();
    }
}
