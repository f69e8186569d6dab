package io.sallyport.sync;

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

/** The tables of docs/seeds.md name tests that exist, and every row has one. */
class SeedsDocumentTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Path DOCUMENT = TOP.resolve("docs/seeds.md");
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)#(\\w+)`");
    private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+Test)\\b");

    @Test
    void everyTestThatIsNamedExists() throws IOException {
        Map<String, List<String>> sources = sources();
        List<String> missing = new ArrayList<>();
        Matcher matcher = TEST.matcher(Files.readString(DOCUMENT));
        while (matcher.find()) {
            Pattern method = Pattern.compile("\\bvoid " + matcher.group(2) + "\\(");
            if (sources.getOrDefault(matcher.group(1), List.of()).stream()
                    .noneMatch(source -> method.matcher(source).find())) {
                missing.add(matcher.group());
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void everyBehaviourHasARowWithATest() throws IOException {
        List<String> rows =
                Files.readAllLines(DOCUMENT).stream()
                        .filter(line -> line.matches("\\| [A-C]\\d+ \\|.*"))
                        .toList();
        List<String> expected =
                Stream.of(numbered("A", 24), numbered("B", 14), numbered("C", 12))
                        .flatMap(ids -> ids)
                        .toList();

        assertThat(rows.stream().map(row -> row.split("\\|", 3)[1].strip()))
                .containsExactlyElementsOf(expected);
        assertThat(rows).allMatch(row -> TEST.matcher(row).find());
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
