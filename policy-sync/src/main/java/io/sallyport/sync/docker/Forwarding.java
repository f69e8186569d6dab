package io.sallyport.sync.docker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where the engine's own name server (127.0.0.11 in a container) asks what it does not know itself.
 *
 * <p>It asks from the container's namespace, so that the queries meet the gate like any other, with
 * one exception: a loopback address in the host's resolv.conf, which it asks from the host's. No
 * rule can tell such a query from one of the host's own.
 */
final class Forwarding {
    /** Where the engine looks when the host's resolv.conf names systemd-resolved alone. */
    private static final String STUB = "127.0.0.53";

    private static final int LONGEST_FILE = 1 << 20;

    private final Path resolvConf;
    private final Path resolvedConf;
    private final Path engineConfig;

    Forwarding(Path resolvConf, Path resolvedConf, Path engineConfig) {
        this.resolvConf = resolvConf;
        this.resolvedConf = resolvedConf;
        this.engineConfig = engineConfig;
    }

    static Forwarding ofHost() {
        return new Forwarding(
                Path.of("/etc/resolv.conf"),
                Path.of("/run/systemd/resolve/resolv.conf"),
                Path.of("/etc/docker/daemon.json"));
    }

    /**
     * The server of the host itself that is asked past the gate, or empty if there is none.
     *
     * @param own the container's name servers, empty if it has none of its own
     */
    Optional<String> pastTheGate(List<String> own) {
        if (!own.isEmpty() || !configured().isEmpty()) {
            return Optional.empty();
        }
        List<String> servers = servers(resolvConf);
        if (servers.equals(List.of(STUB))) {
            servers = servers(resolvedConf);
        }
        return servers.stream().filter(Forwarding::isLoopback).findFirst();
    }

    private static boolean isLoopback(String server) {
        return server.startsWith("127.") || server.equals("::1");
    }

    private static List<String> servers(Path file) {
        List<String> servers = new ArrayList<>();
        read(file)
                .lines()
                .map(line -> line.strip().split("\\s+", 3))
                .filter(words -> words.length > 1 && words[0].equals("nameserver"))
                .forEach(words -> servers.add(words[1]));
        return servers;
    }

    private List<String> configured() {
        try {
            List<String> servers = new ArrayList<>();
            JsonNode config = new JsonMapper().readTree(read(engineConfig));
            config.path("dns").forEach(each -> servers.add(each.asString("")));
            return servers;
        } catch (JacksonException e) {
            return List.of();
        }
    }

    /** What is not there, or no text, says nothing. */
    private static String read(Path file) {
        try {
            return Files.size(file) > LONGEST_FILE
                    ? ""
                    : Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}
