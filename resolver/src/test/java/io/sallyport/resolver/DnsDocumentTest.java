package io.sallyport.resolver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of docs/dns.md names tests that exist, and has a row for each behaviour. */
class DnsDocumentTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Path DOCUMENT = TOP.resolve("docs/dns.md");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)#(\\w+)`");

    private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+Test)\\b");

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, List<String>> sources = sources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher matcher = TEST.matcher(Files.readString(DOCUMENT));
        while (matcher.find()) {
            named++;
            Pattern method = Pattern.compile("\\bvoid " + matcher.group(2) + "\\(");
            if (sources.getOrDefault(matcher.group(1), List.of()).stream()
                    .noneMatch(source -> method.matcher(source).find())) {
                missing.add(matcher.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(100);
    }

    @Test
    void everyBehaviourHasARowWithATestOrAReason() throws IOException {
        List<String> rows =
                Files.readAllLines(DOCUMENT).stream()
                        .filter(line ->
                                line.startsWith("| ")
                                        && line.chars().filter(c -> c == '|').count() >= 5)
                        .toList();
        for (String id : behaviours().toList()) {
            List<String> own =
                    rows.stream().filter(row -> row.startsWith("| " + id + " |")).toList();
            assertThat(own).as(id).isNotEmpty();
            assertThat(own)
                    .as(id)
                    .allMatch(row -> TEST.matcher(row).find() || row.contains("does not apply: "));
        }
    }

    private static Stream<String> behaviours() {
        return Stream.of(
                        numbered("D", 14),
                        numbered("A", 20),
                        numbered("S", 5),
                        numbered("T", 8),
                        numbered("E", 7),
                        numbered("N", 18),
                        numbered("U", 9),
                        numbered("R", 4),
                        numbered("B", 13),
                        numbered("C", 17))
                .flatMap(ids -> ids);
    }

    private static Stream<String> numbered(String letter, int last) {
        return IntStream.rangeClosed(1, last).mapToObj(number -> letter + number);
    }

    /** The texts of all test classes by name: more than one module may have one of a name. */
    private static Map<String, List<String>> sources() throws IOException {
        Map<String, List<String>> sources = new HashMap<>();
        for (String module : new String[] {"resolver", "iptables-scripts", "policy-sync"}) {
            try (Stream<Path> files = Files.walk(TOP.resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith("Test.java")).toList()) {
                    String text = Files.readString(file);
                    Matcher named = CLASS.matcher(text);
                    while (named.find()) {
                        sources.computeIfAbsent(named.group(1), key -> new ArrayList<>()).add(text);
                    }
                }
            }
        }
        return sources;
    }
}
