package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Way.Seen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Whether the guard stands inside, where its prisoner holds the keys: rules in this process's own
 * namespace that it could take away. They are read and left alone.
 */
final class InsideWays {
    private static final long TOOL_SECONDS = 5;

    /** A few thousand rules; more is cut. */
    private static final int LONGEST = 1 << 20;

    /** What keeps packets in or turns them around; the answering server of Docker is none. */
    private static final Pattern GUARD =
            Pattern.compile(
                    "(?m)^(:OUTPUT DROP|-A \\S+ .*-j (DROP|REJECT|REDIRECT)\\b|\\s+(.* )?(drop|reject|redirect)\\b).*");

    private static final List<List<String>> LISTS =
            List.of(
                    List.of("iptables-save"),
                    List.of("ip6tables-save"),
                    List.of("nft", "list", "ruleset"));

    private InsideWays() {}

    static List<Way> list() {
        return List.of(
                new Way(
                        "own-rules",
                        "rules of this namespace, as iptables-save and nft list them",
                        InsideWays::look));
    }

    private static Seen look() throws IOException {
        List<String> reasons = new ArrayList<>();
        boolean read = false;
        for (List<String> command : LISTS) {
            try {
                String rules = run(command);
                read = true;
                var guard = GUARD.matcher(rules);
                if (guard.find()) {
                    return Seen.open("may be taken away: " + printable(guard.group().strip()));
                }
            } catch (IOException e) {
                reasons.add(String.valueOf(e.getMessage()));
            }
        }
        return read
                ? Seen.blocked("no rules here")
                : Seen.unknown("not tried: " + String.join("; ", reasons));
    }

    private static String run(List<String> command) throws IOException {
        Process process;
        try {
            process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
        } catch (IOException e) {
            throw new IOException("no " + command.getFirst() + " here", e);
        }
        try {
            process.getOutputStream().close();
            byte[] text = process.getInputStream().readNBytes(LONGEST);
            if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(command.getFirst() + " is not permitted");
            }
            return new String(text, StandardCharsets.ISO_8859_1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static String printable(String text) {
        return text.replaceAll("[^ -~]", "?").substring(0, Math.min(text.length(), 100));
    }
}
