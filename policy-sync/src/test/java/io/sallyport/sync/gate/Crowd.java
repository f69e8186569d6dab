package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.ObjectNode;

/** Networks beyond number on the host of a gate, whose far ends send nothing. */
final class Crowd implements AutoCloseable {
    private final Gate gate;
    private final Netns guests = Netns.create("crowd");
    private int cables;

    Crowd(Gate gate) {
        this.gate = gate;
    }

    /** So many more cables, whose far ends are in one namespace. */
    void lay(int more) throws IOException, InterruptedException {
        StringBuilder script = new StringBuilder();
        for (int i = 0; i < more; i++, cables++) {
            script.append(
                    "link add sb%d type veth peer name e%d netns %s\nlink set sb%d up\n"
                            .formatted(cables, cables, guests.name(), cables));
        }
        Process ip =
                gate.world()
                        .host()
                        .entered("ip", "-batch", "-")
                        .inheritIO()
                        .redirectInput(ProcessBuilder.Redirect.PIPE)
                        .start();
        try (var in = ip.getOutputStream()) {
            in.write(script.toString().getBytes(StandardCharsets.US_ASCII));
        }
        if (ip.waitFor() != 0) {
            throw new IOException("the cables cannot be laid");
        }
    }

    /** Starts a session on a cable; its id. */
    String start(int number, String org) throws IOException, NodeClient.Refused {
        String tail = number / 60 + "." + (number % 60 * 4 + 2);
        ObjectNode body =
                Gate.place("sb" + number, "10.88." + tail, "fd88::" + tail.replace('.', ':'))
                        .put("org", org)
                        .put("mode", "enforce");
        return gate.client().post("/v1/sessions", body).path("id").stringValue();
    }

    @Override
    public void close() {
        guests.close();
    }
}
