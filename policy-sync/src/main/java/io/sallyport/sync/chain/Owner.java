package io.sallyport.sync.chain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Which installer has the last word, where the one before an update still runs beside the one after
 * it: the one that started last, for as long as it lives. One thread's.
 */
final class Owner {
    /** No runtime takes such a name for a configuration. */
    static final String FILE = ".sallyport-cni.owner";

    /** So often it shows that it lives. */
    static final long SIGN_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** After three signs that did not come it is gone, as after an update that was called off. */
    static final long SILENT_NANOS = TimeUnit.SECONDS.toNanos(35);

    private static final long MAX_OCTETS = 100;

    private final Path file;
    private final LongSupplier clock;
    private final String id = UUID.randomUUID().toString();
    private boolean started;
    private String seen = "";
    private long since;

    Owner(Path directory, LongSupplier clock) {
        this.file = directory.resolve(FILE);
        this.clock = clock;
    }

    boolean isUs() {
        long now = clock.getAsLong();
        if (!started) {
            return claim(now);
        }
        String written = written();
        if (written.equals(id)) {
            sign(now);
            return true;
        }
        String state = written + " " + signed();
        if (!state.equals(seen)) {
            seen = state;
            since = now;
        }
        return now - since > SILENT_NANOS && claim(now);
    }

    private boolean claim(long now) {
        try {
            Swap.in(file, id.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
            started = true;
            since = now;
        } catch (IOException e) {
            // Where this cannot be written, nobody else's can be overwritten either.
        }
        return true;
    }

    /** By its time: runtimes read their configurations anew when a file is written or renamed. */
    private void sign(long now) {
        if (now - since < SIGN_NANOS) {
            return;
        }
        since = now;
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            // Somebody took it away; the next look sees that.
        }
    }

    private String written() {
        try {
            return Files.size(file) > MAX_OCTETS
                    ? ""
                    : new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private String signed() {
        try {
            return Files.getLastModifiedTime(file).toString();
        } catch (IOException e) {
            return "";
        }
    }

    void forget() throws IOException {
        Files.deleteIfExists(file);
    }
}
