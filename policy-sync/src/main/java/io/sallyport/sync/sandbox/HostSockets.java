package io.sallyport.sync.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sockets that programs of the host have in the file system. A network namespace does not keep them
 * apart, and a terminal multiplexer, an SSH master or a container engine would do for the command
 * what its network may not.
 */
final class HostSockets {
    private static final Path TABLE = Path.of("/proc/net/unix");

    /** Seven columns, then the path. */
    private static final Pattern LINE = Pattern.compile("(?:\\S+\\s+){6}\\S+ (/.*)");

    private HostSockets() {}

    /** Their paths, one byte a character; what lies below /run is hidden as a whole. */
    static List<String> paths() throws IOException {
        return Files.readAllLines(TABLE, StandardCharsets.ISO_8859_1).stream()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .map(line -> line.group(1))
                .filter(path -> !path.startsWith("/run/") && !path.startsWith("/var/run/"))
                .distinct()
                .toList();
    }
}
