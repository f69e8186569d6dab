package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.client.NodeClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.node.ObjectNode;

/** Networks beyond number on the host of a gate, whose far ends send nothing. */
final class Crowd implements AutoCloseable {
    private final Gate gate;

    /** One for all: the node would keep a connection of each, and their buffers with them. */
    private final NodeClient client;

    private final Netns guests = Netns.create("crowd");
    private int cables;

    /** Of the node that runs now: what comes after a restart is started by another crowd. */
    Crowd(Gate gate) throws IOException {
        this.gate = gate;
        this.client = gate.client();
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
        return client.post("/v1/sessions", body).path("id").stringValue();
    }

    /**
     * Starts sessions on the cables from a number on, some at a time; how long each took.
     *
     * @param sessions where their ids go, of whatever thread
     */
    Times startAll(int from, int many, int atOnce, String org, Collection<String> sessions)
            throws InterruptedException, ExecutionException {
        Times times = new Times("  each");
        try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = from; i < from + many; i++) {
                int number = i;
                running.add(
                        threads.submit(() -> {
                            times.time(() -> sessions.add(start(number, org)));
                            return number;
                        }));
            }
            for (Future<?> each : running) {
                each.get();
            }
        }
        return times;
    }

    void end(String session) throws IOException, NodeClient.Refused {
        client.delete("/v1/sessions/" + session);
    }

    @Override
    public void close() {
        guests.close();
    }
}
