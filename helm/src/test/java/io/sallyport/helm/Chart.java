package io.sallyport.helm;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The chart, rendered by Helm for a release "guard" in the namespace "gate". */
final class Chart {
    static final Path DIRECTORY = Path.of("sallyport").toAbsolutePath();
    static final ObjectMapper YAML = new YAMLMapper();

    private static final Pattern SEPARATOR = Pattern.compile("(?m)^---$");

    private Chart() {}

    /** The values files of {@code ci/}, by name. */
    static List<String> ci() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("ci"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<JsonNode> renderCi(String file) {
        return render(DIRECTORY, DIRECTORY.resolve("ci").resolve(file));
    }

    /** What has to be said, with these values over it. */
    static List<JsonNode> render(String values) {
        return renderCi("least-values.yaml", values);
    }

    /** A file of {@code ci/} with these values over it. */
    static List<JsonNode> renderCi(String file, String values) {
        return render(DIRECTORY, file, values);
    }

    static List<JsonNode> render(Path chart, String file, String values) {
        try {
            JsonNode merged =
                    over(YAML.readTree(text(DIRECTORY.resolve("ci").resolve(file))), values);
            Path written = Files.createTempFile("values", ".yaml");
            try {
                Files.writeString(written, YAML.writeValueAsString(merged));
                return render(chart, written);
            } finally {
                Files.delete(written);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<JsonNode> render(Path chart, Path values) {
        String rendered =
                new Helm(chart)
                        .template()
                        .withName("guard")
                        .withNamespace("gate")
                        .withKubeVersion("1.30.0")
                        .withValuesFile(values)
                        .call();
        List<JsonNode> objects = new ArrayList<>();
        for (String document : SEPARATOR.splitAsStream(rendered).toList()) {
            JsonNode object = YAML.readTree(document);
            if (object.isObject()) {
                objects.add(object);
            }
        }
        return objects;
    }

    static JsonNode find(List<JsonNode> objects, String kind, String name) {
        return objects.stream()
                .filter(object ->
                        object.path("kind").asString().equals(kind)
                                && object.at("/metadata/name").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + kind + " " + name));
    }

    /** By its name in a list of objects that have one. */
    static JsonNode named(JsonNode list, String name) {
        return list.valueStream()
                .filter(each -> each.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + name + " in " + list));
    }

    /** The template of what makes pods, or the pod. */
    static List<JsonNode> pods(List<JsonNode> objects) {
        return objects.stream()
                .map(object ->
                        object.path("kind").asString().equals("Pod")
                                ? object
                                : object.at("/spec/template"))
                .filter(pod -> pod.at("/spec/containers").isArray())
                .toList();
    }

    static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode over(JsonNode base, String values) {
        return merged(base, YAML.readTree(values));
    }

    /** Changes the first; a null takes away. */
    static JsonNode merged(JsonNode base, JsonNode change) {
        if (base instanceof ObjectNode node && change instanceof ObjectNode others) {
            others.properties()
                    .forEach(property -> {
                        JsonNode there = node.get(property.getKey());
                        if (property.getValue().isNull()) {
                            node.remove(property.getKey());
                        } else if (there instanceof ObjectNode) {
                            merged(there, property.getValue());
                        } else {
                            node.set(property.getKey(), property.getValue());
                        }
                    });
        }
        return base;
    }
}
