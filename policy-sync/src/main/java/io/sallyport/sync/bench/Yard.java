package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.data.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A host and a sandbox, joined by a veth: two namespaces for each server, so that no server's rules
 * are in another's way. Our own is the real node with one bound session for each of the sandbox's
 * addresses; the others just listen.
 */
final class Yard {
    /**
     * A session's set holds the pins of 8,192 addresses, and the kernel passes 2,000 of its
     * questions a second: together they last for sixteen seconds of 40,000.
     */
    static final int SESSIONS = 80;

    static final String FIRST_SANDBOX = "10.77.0.2";
    private static final String HOST = "10.77.0.1";
    private static final String NODE_DNS = "169.254.53.53";
    private static final int UPSTREAM_PORT = 5399;
    private static final int PORT = 53;
    private static final String INTERFACE = "sandbox0";
    private static final String ONE_LOOP = "threads: 1\n";
    private static final String NO_LIMITS =
            """
            limits:
              queries-per-second: 0
              query-burst: 0
              upstream-queries-per-second: 0
              upstream-query-burst: 0
              questions-in-flight: 0
              new-names-per-minute: 0
              new-name-octets-per-minute: 0
            """;

    private static final long READY_MILLIS = 20_000;
    private static final long POLL_MILLIS = 100;

    private final Lab lab;
    private final Path launcher;
    private final Path spreader;
    private final Path directory;
    private final Peer peer;
    private final String host;
    private final String sandbox;
    private final boolean limited;
    private final List<String> sessions = new ArrayList<>();

    /**
     * @param limited whether our node keeps its limits of what one network may ask
     */
    Yard(Lab lab, Path launcher, Path spreader, Peer peer, boolean limited) throws IOException {
        String name = peer.title() + (limited ? "-limited" : "");
        this.lab = lab;
        this.launcher = launcher;
        this.spreader = spreader;
        this.peer = peer;
        this.limited = limited;
        this.directory = Files.createDirectories(lab.directory().resolve(name));
        this.host = name + "-host";
        this.sandbox = name + "-sandbox";
        ip("netns", "add", host);
        ip("netns", "add", sandbox);
        ip("-n", host, "link", "set", "lo", "up");
        ip("-n", sandbox, "link", "set", "lo", "up");
        ip("-n", host, "link", "add", INTERFACE, "type", "veth", "peer", "eth0", "netns", sandbox);
        ip("-n", host, "address", "add", HOST + "/24", "dev", INTERFACE);
        ip("-n", host, "link", "set", INTERFACE, "up");
        for (int i = 0; i < SESSIONS; i++) {
            ip("-n", sandbox, "address", "add", address(i) + "/24", "dev", "eth0");
        }
        ip("-n", sandbox, "link", "set", "eth0", "up");
        ip("-n", sandbox, "route", "add", "default", "via", HOST);
        Field.upstream(lab, enter(host), directory.resolve("upstream"), UPSTREAM_PORT);
    }

    static String address(int session) {
        return "10.77.0." + (2 + session);
    }

    /** Starts the server; it runs when this returns, and whether it answers right is unknown. */
    Entry start() throws IOException, InterruptedException {
        return peer == Peer.SALLYPORT ? startNode() : startPeer();
    }

    private Entry startPeer() throws IOException {
        Site site =
                new Site(
                        enter(host),
                        directory.resolve("server"),
                        HOST,
                        PORT,
                        UPSTREAM_PORT,
                        Bench.SHORT_LIST);
        List<String> command = peer.prepare(lab, site, launcher);
        Running running = lab.start(peer.title(), Lab.SERVER_CORE, enter(host), command);
        return new Entry(peer.title(), running, asker(HOST), Bench.SHORT_LIST);
    }

    private Entry startNode() throws IOException, InterruptedException {
        Path data = directory.resolve("data");
        Path policies = directory.resolve("policies.yaml");
        StringBuilder text =
                new StringBuilder(
                        "orgs:\n  bench:\n    internet-access: on\n    level: none\n    allow:\n");
        for (int i = 0; i < Bench.SHORT_LIST; i++) {
            text.append("      - .").append(Names.domain(i)).append('\n');
        }
        Files.writeString(policies, text);
        Path config =
                Files.writeString(
                        directory.resolve("node.yaml"), limited ? ONE_LOOP : ONE_LOOP + NO_LIMITS);
        List<String> command =
                List.of(
                        launcher.toString(),
                        "node",
                        "--data",
                        data.toString(),
                        "--config",
                        config.toString(),
                        "--policy-file",
                        policies.toString(),
                        "--upstream",
                        Site.UPSTREAM + ":" + UPSTREAM_PORT);
        Running running = lab.start("node", Lab.SERVER_CORE, enter(host), command);
        awaitReady(running);
        startSessions(data);
        return new Entry(
                Peer.SALLYPORT.title(),
                running,
                asker(NODE_DNS),
                Bench.SHORT_LIST,
                () -> {
                    endSessions(data);
                    startSessions(data);
                });
    }

    private static void awaitReady(Running node) throws IOException, InterruptedException {
        for (long waited = 0; !node.output().contains("ready"); waited += POLL_MILLIS) {
            if (!node.isAlive() || waited > READY_MILLIS) {
                throw new IOException("the node is not ready: " + node.lastWords());
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** With them their sets go, so that every address has to be pinned again. */
    private void endSessions(Path data) throws IOException {
        NodeClient node = NodeClient.of(new DataDirectory(data));
        try {
            for (String session : sessions) {
                node.delete("/v1/sessions/" + session);
            }
        } catch (NodeClient.Refused e) {
            throw new IOException("the node did not end a session: " + e.getMessage(), e);
        }
        sessions.clear();
    }

    private void startSessions(Path data) throws IOException {
        NodeClient node = NodeClient.of(new DataDirectory(data));
        for (int i = 0; i < SESSIONS; i++) {
            ObjectNode body = JsonMapper.shared().createObjectNode();
            body.put("org", "bench").put("interface", INTERFACE);
            body.putArray("addresses").add(address(i));
            try {
                sessions.add(node.post("/v1/sessions", body).get("id").asString());
            } catch (NodeClient.Refused e) {
                throw new IOException("the node refused a session: " + e.getMessage(), e);
            }
        }
    }

    /** How many entries the pin sets of this host have. */
    long pins() throws IOException {
        List<String> command = new ArrayList<>(enter(host));
        command.addAll(List.of("ipset", "list", "-t"));
        return Lab.tool(command.toArray(String[]::new))
                .lines()
                .filter(line -> line.startsWith("Number of entries: "))
                .mapToLong(line -> Long.parseLong(line.substring(19).strip()))
                .sum();
    }

    private Asker asker(String server) {
        return new Asker(lab, spreader, enter(sandbox), server, PORT, FIRST_SANDBOX, SESSIONS);
    }

    private static List<String> enter(String namespace) {
        return List.of("nsenter", "--net=/run/netns/" + namespace);
    }

    private static void ip(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        Lab.tool(command.toArray(String[]::new));
    }
}
