package io.sallyport.sync.cli;

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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/** Names that were asked for, from a file of one's own. */
final class TrafficOption {
    /** More than any sandbox needs; a whole query log has to be counted by name first. */
    private static final int MAX_LINES = 100_000;

    private static final Pattern LINE =
            Pattern.compile("(?<name>[\\x21-\\x7e]{1,1024})(\\s+(?<count>[0-9]{1,12}))?\\s*");

    @Option(
            names = "--names",
            required = true,
            paramLabel = "FILE",
            description =
                    "The names that were asked for, one a line, each with its count if that is known;"
                            + " - for standard input.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    Traffic read() throws IOException {
        try (InputStream in =
                        file.toString().equals("-") ? System.in : Files.newInputStream(file);
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return Traffic.of(lines(reader));
        }
    }

    private static List<Asked> lines(BufferedReader reader) throws IOException {
        Instant now = Instant.now();
        List<Asked> asked = new ArrayList<>();
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher form = LINE.matcher(line);
            if (!form.matches() || asked.size() == MAX_LINES) {
                throw new IllegalArgumentException(
                        "--names: line "
                                + number
                                + (asked.size() == MAX_LINES
                                        ? " is one too many; the most is " + MAX_LINES + " names"
                                        : " is not a name in ASCII with a count"));
            }
            String count = form.group("count");
            long times = count == null ? 1 : Math.max(1, Long.parseLong(count));
            asked.add(new Asked(form.group("name"), times, now, now));
        }
        return asked;
    }
}
