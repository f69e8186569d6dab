package io.sallyport.sync.gate;

import io.sallyport.sync.world.Sandbox;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A steady load of queries from a sandbox, by dnsperf, and what became of them. */
final class Load implements AutoCloseable {
    /** A client that asks again after this long has lost nothing. */
    private static final int PATIENCE_SECONDS = 5;

    private static final Pattern FIGURE = Pattern.compile("Queries (sent|completed|lost): +(\\d+)");

    private final Process dnsperf;
    private final Path names;

    private Load(Process dnsperf, Path names) {
        this.dnsperf = dnsperf;
        this.names = names;
    }

    /** What was asked and answered. */
    record Figures(long sent, long completed, long lost, String all) {}

    /**
     * @param names asked in turn, for an address
     * @param seconds it lasts; {@link #stop} ends it earlier
     */
    static Load start(
            Sandbox sandbox, String server, int aSecond, int seconds, List<String> names) {
        try {
            Path file = Files.createTempFile("sallyport-load", ".txt");
            Files.writeString(file, String.join(" A\n", names) + " A\n");
            Process dnsperf =
                    sandbox.entered(
                                    "env",
                                    "--default-signal=INT",
                                    "dnsperf",
                                    "-s",
                                    server,
                                    "-d",
                                    file.toString(),
                                    "-l",
                                    Integer.toString(seconds),
                                    "-Q",
                                    Integer.toString(aSecond),
                                    "-t",
                                    Integer.toString(PATIENCE_SECONDS),
                                    "-c",
                                    "20")
                            .redirectErrorStream(true)
                            .start();
            return new Load(dnsperf, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks no more, waits for the last answers. */
    Figures stop() {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(dnsperf.pid())).start().waitFor();
            return figures();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** When it has ended by itself. */
    Figures figures() {
        try {
            String all =
                    new String(dnsperf.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            Map<String, Long> figures = new HashMap<>();
            Matcher matcher = FIGURE.matcher(all);
            while (matcher.find()) {
                figures.put(matcher.group(1), Long.parseLong(matcher.group(2)));
            }
            if (figures.size() < 3) {
                throw new AssertionError("dnsperf said: " + all);
            }
            return new Figures(
                    figures.getOrDefault("sent", 0L),
                    figures.getOrDefault("completed", 0L),
                    figures.getOrDefault("lost", 0L),
                    all);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        dnsperf.descendants().forEach(ProcessHandle::destroyForcibly);
        dnsperf.destroyForcibly();
        Files.delete(names);
    }
}
