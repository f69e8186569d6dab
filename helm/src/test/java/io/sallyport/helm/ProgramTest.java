package io.sallyport.helm;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.cli.Cli;
import io.sallyport.sync.config.NodeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What the chart tells the program, the program understands. */
class ProgramTest {
    private static final Pattern OPTION = Pattern.compile("--[a-z][a-z0-9-]*");
    private static final Map<List<String>, Set<String>> KNOWN = new HashMap<>();

    @TempDir Path directory;

    private static List<String> files() {
        return Chart.ci();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyOptionIsOneOfItsCommand(String file) {
        int options = 0;
        for (JsonNode pod : Chart.pods(Chart.renderCi(file))) {
            for (JsonNode container : pod.at("/spec/containers")) {
                List<String> command = new ArrayList<>();
                List<String> given = new ArrayList<>();
                for (JsonNode argument : container.path("args")) {
                    String text = argument.asString();
                    if (text.startsWith("--")) {
                        given.add(text.replaceFirst("=.*", ""));
                    } else if (given.isEmpty()) {
                        command.add(text);
                    }
                }
                assertThat(command).isNotEmpty();
                assertThat(KNOWN.computeIfAbsent(command, ProgramTest::known))
                        .as("sallyport %s", command)
                        .containsAll(given);
                options += given.size();
            }
        }
        assertThat(options).isPositive();
    }

    @ParameterizedTest
    @MethodSource("files")
    void configurationFilesAreRead(String file) throws IOException {
        int read = 0;
        for (JsonNode object : Chart.renderCi(file)) {
            for (String name : List.of("node.yaml", "control.yaml")) {
                JsonNode text = object.path("data").path(name);
                if (text.isString()) {
                    var _ =
                            NodeFile.read(
                                    Files.writeString(directory.resolve(name), text.asString()));
                    read++;
                }
            }
        }
        assertThat(read).isPositive();
    }

    @Test
    void valuesArriveInTheFile() throws IOException {
        NodeFile node = read("node.yaml", "policy-file-values.yaml", "guard-sallyport-node");
        NodeFile control =
                read("control.yaml", "postgresql-values.yaml", "guard-sallyport-control");

        assertThat(node.sandboxInterfaces()).containsExactly("sb+", "tap+");
        assertThat(node.forwards()).hasSize(1);
        assertThat(node.validation()).isPresent();
        assertThat(node.policyFile()).contains(Path.of("/etc/sallyport/policy/policy.yaml"));
        assertThat(control.control().store()).isPresent();
        assertThat(control.control().tls()).isPresent();
    }

    private NodeFile read(String name, String values, String object) throws IOException {
        JsonNode map = Chart.find(Chart.renderCi(values), "ConfigMap", object);
        return NodeFile.read(
                Files.writeString(directory.resolve(name), map.path("data").path(name).asString()));
    }

    /** By the command's own help. */
    private static Set<String> known(List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.add("--help");
        PrintStream before = System.out;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            assertThat(Cli.run(words.toArray(String[]::new))).isZero();
        } finally {
            System.setOut(before);
        }
        Set<String> options = new TreeSet<>();
        OPTION.matcher(said.toString(StandardCharsets.UTF_8))
                .results()
                .forEach(match -> options.add(match.group()));
        return options;
    }
}
