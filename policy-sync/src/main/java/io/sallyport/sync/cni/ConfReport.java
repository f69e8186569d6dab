package io.sallyport.sync.cni;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What {@code sallyport cni install --watch} says of the runtime's configuration, by a file: it
 * runs as another user, without any right over the node's socket.
 *
 * @param present whether the runtime calls our plugin, as far as anybody looks
 */
record ConfReport(boolean present, long repairs) {
    /** It is written every ten seconds. */
    private static final Duration FRESH = Duration.ofSeconds(45);

    private static final long MAX_OCTETS = 4096;
    private static final ConfReport NONE = new ConfReport(false, 0);

    static ConfReport read(Path file) {
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_OCTETS) {
                return NONE;
            }
            FileTime written = Files.getLastModifiedTime(file);
            JsonNode report = new JsonMapper().readTree(Files.readString(file));
            boolean fresh =
                    Duration.between(written.toInstant(), Instant.now()).abs().compareTo(FRESH) < 0;
            return new ConfReport(
                    fresh && report.path("present").asBoolean(false),
                    Math.max(0, report.path("repairs").asLong(0)));
        } catch (IOException | JacksonException e) {
            return NONE; // nobody looks after it, and the gauge says so
        }
    }

    /** Where there is a report somebody should be looking: one that is not fresh counts as none. */
    static List<String> faults(Path file) {
        // A link to where it is written is there before it is.
        return !Files.exists(file, LinkOption.NOFOLLOW_LINKS) || read(file).present()
                ? List.of()
                : List.of(
                        "the CNI configuration has lost the plugin, or nobody looks after it: see"
                                + " the log of sallyport cni install");
    }

    Map<String, Long> counters() {
        return Map.of(
                "sallyport_cni_conf_present",
                present ? 1L : 0L,
                "sallyport_cni_conf_repairs_total",
                repairs);
    }
}
