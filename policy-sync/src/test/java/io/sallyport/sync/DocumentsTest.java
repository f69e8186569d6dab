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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tables of behaviours in docs/ have a row for each, and name tests that exist. */
class DocumentsTest {
    private static final Path TOP = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern TEST = Pattern.compile("`([A-Z]\\w+Test)#(\\w+)`");
    private static final Pattern CLASS = Pattern.compile("\\bclass (\\w+Test)\\b");

    private static Path document(String name) {
        return TOP.resolve("docs").resolve(name);
    }

    @ParameterizedTest
    @CsvSource({
        "dns.md, 100",
        "seeds.md, 48",
        "kubernetes.md, 12",
        "operations.md, 6",
        "docker.md, 0"
    })
    void everyTestThatIsNamedExists(String name, int least) throws IOException {
        Map<String, List<String>> sources = sources();
        List<String> missing = new ArrayList<>();
        int named = 0;
        Matcher matcher = TEST.matcher(Files.readString(document(name)));
        while (matcher.find()) {
            named++;
            Pattern method = Pattern.compile("\\bvoid " + matcher.group(2) + "\\(");
            if (sources.getOrDefault(matcher.group(1), List.of()).stream()
                    .noneMatch(source -> method.matcher(source).find())) {
                missing.add(matcher.group());
            }
        }

        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(least);
    }

    /** A behaviour has one row or more; each names a test, or in dns.md why it does not apply. */
    @ParameterizedTest
    @CsvSource({
        "dns.md, D14 A20 S5 T8 E7 N18 U9 R4 B13 C17, does not apply: ",
        "seeds.md, A24 B14 C12,"
    })
    void everyBehaviourHasARowWithATest(String name, String last, String excuse)
            throws IOException {
        List<String> rows =
                Files.readAllLines(document(name)).stream()
                        .filter(line -> line.matches("\\| [A-Z]\\d+ \\|.*\\|.*\\|"))
                        .toList();
        List<String> ids = rows.stream().map(row -> row.split("\\|", 3)[1].strip()).toList();

        assertThat(ids).containsAll(behaviours(last));
        assertThat(behaviours(last)).containsAll(ids);
        assertThat(rows)
                .allMatch(row ->
                        TEST.matcher(row).find() || (excuse != null && row.contains(excuse)));
    }

    private static List<String> behaviours(String last) {
        return Stream.of(last.split(" "))
                .flatMap(end ->
                        IntStream.rangeClosed(1, Integer.parseInt(end.substring(1)))
                                .mapToObj(number -> end.charAt(0) + "" + number))
                .toList();
    }

    /** The texts of all test classes by name: more than one module may have one of a name. */
    private static Map<String, List<String>> sources() throws IOException {
        Map<String, List<String>> sources = new HashMap<>();
        for (String module : new String[] {"resolver", "iptables-scripts", "policy-sync", "helm"}) {
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
