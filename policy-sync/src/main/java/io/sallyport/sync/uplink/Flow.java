package io.sallyport.sync.uplink;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An answer that goes on. Its time is bounded, and so is each line. */
final class Flow implements AutoCloseable {
    /** An object of a cluster has 1.5 MB at most. */
    private static final int MOST_OCTETS = 4 << 20;

    private final InputStream in;
    private final Thread end;
    private volatile boolean over;

    Flow(InputStream body, Duration within) {
        this.in = new BufferedInputStream(body, 1 << 14);
        this.end = Thread.ofVirtual().name("end-of-flow").start(() -> endAfter(within));
    }

    private void endAfter(Duration time) {
        try {
            Thread.sleep(time);
            over = true;
            in.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            over = true; // whoever reads finds out
        }
    }

    void each(Uplink.Line line) throws IOException {
        for (String next = next(); next != null; next = next()) {
            if (!next.isEmpty()) {
                line.said(next);
            }
        }
    }

    /** Null at the end. */
    private @Nullable String next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try {
            for (int octet = in.read(); octet >= 0; octet = in.read()) {
                if (octet == '\n') {
                    return line.toString(StandardCharsets.UTF_8);
                }
                if (line.size() >= MOST_OCTETS) {
                    throw new IOException("a line is longer than " + MOST_OCTETS + " octets");
                }
                line.write(octet);
            }
        } catch (IOException e) {
            if (!over) {
                throw e;
            }
        }
        return null; // a line without its end was cut off
    }

    @Override
    public void close() throws IOException {
        end.interrupt();
        in.close();
    }
}
