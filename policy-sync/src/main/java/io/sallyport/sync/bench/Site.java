package io.sallyport.sync.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Where one server stands and whom it asks.
 *
 * @param enter the command that enters its namespace; empty for the bench's own
 * @param directory its files
 * @param address where it listens
 * @param patterns how many domains its allow-list has
 */
record Site(
        List<String> enter,
        Path directory,
        String address,
        int port,
        int upstreamPort,
        int patterns) {
    static final String UPSTREAM = "127.0.0.1";
    private static final String EACH_DOMAIN = "@{domain}";

    Site {
        enter = List.copyOf(enter);
    }

    /**
     * Writes a configuration from its template: {@code @{…}} are this site's values, and a line
     * with a domain is repeated for each that is allowed.
     */
    Path render(String template) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve(template);
        try (InputStream in = Site.class.getResourceAsStream(template);
                BufferedWriter out = Files.newBufferedWriter(file)) {
            if (in == null) {
                throw new IOException(template + " is missing in the program");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, String> value : values().entrySet()) {
                text = text.replace("@{" + value.getKey() + "}", value.getValue());
            }
            for (String line : text.lines().toList()) {
                for (int i = 0; i < (line.contains(EACH_DOMAIN) ? patterns : 1); i++) {
                    out.write(line.replace(EACH_DOMAIN, Names.domain(i)));
                    out.newLine();
                }
            }
        }
        return file;
    }

    private Map<String, String> values() {
        return Map.of(
                "dir", directory.toString(),
                "address", address,
                "port", Integer.toString(port),
                "upstream", UPSTREAM,
                "upstream-port", Integer.toString(upstreamPort),
                "first-domain", Names.domain(0));
    }
}
