package io.sallyport.helm;

import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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

    private static final String HOOK = "helm.sh/hook: test";

    /**
     * Rendering leaves out what Helm runs by itself, so the chart is rendered from a copy in which
     * the test pods are ordinary ones.
     */
    private static final Path UNHOOKED = unhooked();

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
        return render(UNHOOKED, DIRECTORY.resolve("ci").resolve(file));
    }

    /** What has to be said, with these values over it. */
    static List<JsonNode> render(String values) {
        return renderCi("least-values.yaml", values);
    }

    /** A file of {@code ci/} with these values over it. */
    static List<JsonNode> renderCi(String file, String values) {
        return render(UNHOOKED, file, values);
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

    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static Path unhooked() {
        try {
            // Tests run in several processes, each of which makes its own.
            Path target = Files.createDirectories(Path.of("target").toAbsolutePath());
            Path chart = Files.createTempDirectory(target, "unhooked").resolve("sallyport");
            copy(DIRECTORY, chart);
            Path pods = chart.resolve("templates/tests/sandboxes.yaml");
            String text = Files.readString(pods);
            if (!text.contains(HOOK)) {
                throw new AssertionError("no test pods in " + pods);
            }
            Files.writeString(
                    pods, text.replace(HOOK, "example.com/" + HOOK.replace("helm.sh/", "")));
            return chart;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    static JsonNode nodePod(List<JsonNode> objects) {
        return objects.stream()
                .filter(object -> object.path("kind").asString().equals("DaemonSet"))
                .findFirst()
                .orElseThrow()
                .at("/spec/template");
    }

    static JsonNode container(JsonNode pod, String name) {
        return containers(pod).stream()
                .filter(container -> container.path("name").asString().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no container " + name));
    }

    static List<JsonNode> containers(JsonNode pod) {
        List<JsonNode> all = new ArrayList<>();
        pod.at("/spec/initContainers").forEach(all::add);
        pod.at("/spec/containers").forEach(all::add);
        return all;
    }

    static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }
}
