package io.sallyport.sync.cli;

import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which names were asked for: what nodes reported, or a file of one's own. */
final class TrafficOption {
    /** More than any sandbox needs; a whole query log has to be counted by name first. */
    private static final int MAX_NAMES = 100_000;

    private static final Pattern LINE =
            Pattern.compile("(?<name>[\\x21-\\x7e]{1,1024})(\\s+(?<count>[0-9]{1,12}))?\\s*");

    @Option(
            names = "--names",
            paramLabel = "FILE",
            description =
                    "Names from a file and not those that nodes reported: one a line, each with its"
                            + " count if that is known; - for standard input.")
    private @Nullable Path file;

    @Option(
            names = "--days",
            paramLabel = "N",
            description = "What nodes reported in so many days; 7.",
            defaultValue = "7")
    private int days;

    /** The names of the file; empty where what nodes reported is meant. */
    Optional<Traffic> names() throws IOException {
        return file == null ? Optional.empty() : Optional.of(Traffic.of(lines(file)));
    }

    int days() {
        if (days < 1 || days > Decisions.DAYS_KEPT) {
            throw new IllegalArgumentException(
                    "--days: write a number of 1 to " + Decisions.DAYS_KEPT);
        }
        return days;
    }

    private static Collection<Asked> lines(Path file) throws IOException {
        try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file);
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            Instant now = Instant.now();
            List<Asked> asked = new ArrayList<>();
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                if (!line.isBlank() && !line.startsWith("#")) {
                    asked.add(asked(line, number, now));
                }
                if (asked.size() > MAX_NAMES) {
                    throw new IllegalArgumentException(
                            "--names: the most is " + MAX_NAMES + " names");
                }
            }
            return asked;
        }
    }

    private static Asked asked(String line, int number, Instant now) {
        Matcher form = LINE.matcher(line);
        if (!form.matches()) {
            throw new IllegalArgumentException(
                    "--names: line " + number + " is not a name in ASCII with or without a count");
        }
        String count = form.group("count");
        long times = count == null ? 1 : Math.max(1, Long.parseLong(count));
        return new Asked(form.group("name"), times, now, now);
    }
}
