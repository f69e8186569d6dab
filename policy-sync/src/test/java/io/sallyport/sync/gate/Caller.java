package io.sallyport.sync.gate;

import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Calls the control server that runs beside a node, as its first admin. */
final class Caller {
    static final String API = "http://127.0.0.1:7053";

    private Caller() {}

    /** The token is told by a file, as people do it, so that no list of processes shows it. */
    static JsonNode call(Gate gate, String method, String path, String body) {
        try {
            Path header = gate.data().resolve("header");
            String token = Files.readString(new DataDirectory(gate.data()).adminToken()).strip();
            Files.writeString(header, "Authorization: Bearer " + token + "\n");
            List<String> curl =
                    new ArrayList<>(
                            List.of("curl", "-sSf", "-X", method, "-H", "@" + header, API + path));
            if (!body.isEmpty()) {
                curl.addAll(List.of("-H", "Content-Type: application/json", "-d", body));
            }
            return new JsonMapper()
                    .readTree(gate.world().host().run(curl.toArray(String[]::new)).ok().output());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
