package io.sallyport.helm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The table of values, made of the lines of {@code values.yaml}. */
final class Readme {
    private static final String BEGIN = "<!-- made of values.yaml by ChartTest -->\n";
    private static final String END = "<!-- end -->\n";
    private static final Pattern KEY = Pattern.compile("( *)([A-Za-z0-9]+):(.*)");
    private static final String DOCUMENTATION = "# -- ";
    private static final JsonMapper JSON = new JsonMapper();

    private Readme() {}

    /**
     * @param path with dots
     * @param usual as JSON
     */
    record Value(String path, String usual, String says) {}

    /** What has its line of documentation; a key that has none and no keys below it is an error. */
    static List<Value> values(String text) {
        JsonNode root = Chart.YAML.readTree(text);
        List<Value> values = new ArrayList<>();
        Deque<String> path = new ArrayDeque<>();
        String says = "";
        int documented = Integer.MAX_VALUE; // deeper lines belong to a value that has its line
        for (String line : text.lines().toList()) {
            Matcher key = KEY.matcher(line);
            if (line.strip().startsWith(DOCUMENTATION)) {
                says = line.strip().substring(DOCUMENTATION.length());
            } else if (key.matches() && key.group(1).length() <= documented) {
                int depth = key.group(1).length() / 2;
                documented = Integer.MAX_VALUE;
                while (path.size() > depth) {
                    path.removeLast();
                }
                path.addLast(key.group(2));
                if (!says.isEmpty()) {
                    String usual = JSON.writeValueAsString(root.at("/" + String.join("/", path)));
                    values.add(new Value(String.join(".", path), usual, says));
                    documented = key.group(1).length();
                } else if (!key.group(3).isBlank()) {
                    throw new AssertionError(
                            String.join(".", path) + " has no line of documentation above it");
                }
                says = "";
            }
        }
        return values;
    }

    static String withTable(String readme, List<Value> values) {
        int begin = readme.indexOf(BEGIN) + BEGIN.length();
        int end = readme.indexOf(END);
        if (begin < BEGIN.length() || end < begin) {
            throw new AssertionError("the README has no place for the table: " + BEGIN + END);
        }
        StringBuilder table = new StringBuilder("| value | default | |\n|---|---|---|\n");
        for (Value value : values) {
            table.append(
                    "| `%s` | `%s` | %s |\n"
                            .formatted(
                                    value.path(), value.usual(), value.says().replace("|", "\\|")));
        }
        return readme.substring(0, begin) + table + readme.substring(end);
    }
}
