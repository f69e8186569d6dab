package io.sallyport.resolver.validate;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.opentest4j.TestAbortedException;

/** A root of its own and zones below it, signed by BIND's tools and served by nsd on loopback. */
final class SignedZones implements AutoCloseable {
    private static final List<String> DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final String[] NSEC = {};
    private static final String[] NSEC3 = {"-3", "-"};

    private final Path directory;
    private final StringBuilder configuration = new StringBuilder();
    private final int port;
    private final Process nsd;

    /** Signs and serves everything; fails where it must not be skipped. */
    SignedZones(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        this.port = freePort();
        signAll();
        Files.writeString(directory.resolve("nsd.conf"), header() + configuration);
        nsd = start(List.of(program("nsd"), "-d", "-c", directory.resolve("nsd.conf").toString()));
        awaitAnswer();
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** The root's key, as the zone's parent would have it. */
    Path anchor() {
        return directory.resolve("dsset-.");
    }

    @Override
    public void close() {
        nsd.destroy();
        nsd.onExit().orTimeout(5, TimeUnit.SECONDS).join();
    }

    private void signAll() throws IOException, InterruptedException {
        String big =
                String.join(
                        "\n",
                        IntStream.rangeClosed(1, 100)
                                .mapToObj(i -> "big A 93.184.218." + i)
                                .toList());
        sign(
                "good.test",
                NSEC,
                same(),
                "www A 93.184.216.34",
                "www AAAA 2600:1f18:1::34",
                "mixed A 93.184.216.34",
                "mixed A 10.0.0.1",
                "*.wild A 93.184.216.35",
                "alias CNAME www",
                "gone CNAME nothing",
                "far CNAME www.insecure.test.",
                "tree DNAME good.test.",
                big);
        sign("n3.test", NSEC3, same(), "www A 93.184.216.34", "deep.er A 93.184.216.34");
        sign(
                "iterated.test",
                new String[] {"-3", "aabb", "-H", "100"},
                same(),
                "www A 93.184.216.34");
        sign("optout.test", new String[] {"-3", "-", "-A"}, same(), "sub NS ns.optout.test.");
        sign(
                "expired.test",
                new String[] {"-s", "20240101000000", "-e", "20240201000000"},
                same(),
                "www A 93.184.216.34");
        sign(
                "early.test",
                new String[] {"-s", "20500101000000", "-e", "20500201000000"},
                same(),
                "www A 93.184.216.34");
        sign(
                "bogus.test",
                NSEC,
                text -> text.replace("93.184.216.34", "93.184.216.66"),
                "www A 93.184.216.34");
        sign("stripped.test", NSEC, text -> without(text, "RRSIG\\s+A "), "www A 93.184.216.34");
        sign("undenied.test", NSEC, text -> without(text, "\\sNSEC\\s"), "www A 93.184.216.34");
        sign(
                "keyless.test",
                NSEC,
                text -> without(text, "\\s(RRSIG\\s+)?DNSKEY\\s"),
                "www A 93.184.216.34");
        unsigned("insecure.test", "www A 93.184.216.34");
        unsigned("sub.optout.test", "www A 93.184.216.34");
        sign(
                "test",
                NSEC,
                same(),
                delegations(
                        "good",
                        "n3",
                        "iterated",
                        "optout",
                        "expired",
                        "early",
                        "bogus",
                        "stripped",
                        "undenied",
                        "keyless"),
                "insecure NS ns.insecure");
        sign(".", NSEC, same(), "test. NS ns.test.", include("test."));
    }

    private static UnaryOperator<String> same() {
        return UnaryOperator.identity();
    }

    private static String without(String zone, String pattern) {
        return String.join(
                "\n",
                zone.lines().filter(line -> !line.matches(".*(?:" + pattern + ").*")).toList());
    }

    private String delegations(String... names) {
        List<String> lines = new ArrayList<>();
        for (String name : names) {
            lines.add(name + " NS ns." + name);
            lines.add(include(name + ".test."));
        }
        return String.join("\n", lines);
    }

    private String include(String zone) {
        return "$INCLUDE " + directory.resolve("dsset-" + zone);
    }

    private void sign(
            String zone, String[] options, UnaryOperator<String> afterwards, String... records)
            throws IOException, InterruptedException {
        Path file = write(zone, records);
        for (List<String> flags : List.of(List.<String>of(), List.of("-f", "KSK"))) {
            List<String> keygen =
                    new ArrayList<>(
                            List.of(
                                    program("dnssec-keygen"),
                                    "-q",
                                    "-a",
                                    "ECDSAP256SHA256",
                                    "-K",
                                    directory.toString()));
            keygen.addAll(flags);
            keygen.add(zone);
            run(keygen);
        }
        List<String> signzone =
                new ArrayList<>(
                        List.of(
                                program("dnssec-signzone"),
                                "-q",
                                "-S",
                                "-P",
                                "-O",
                                "full",
                                "-K",
                                directory.toString(),
                                "-d",
                                directory.toString(),
                                "-o",
                                zone,
                                "-f",
                                file + ".signed"));
        signzone.addAll(Arrays.asList(options));
        signzone.add(file.toString());
        run(signzone);
        Path signed = Path.of(file + ".signed");
        Files.writeString(signed, afterwards.apply(Files.readString(signed)) + "\n");
        serve(zone, signed);
    }

    private void unsigned(String zone, String... records) throws IOException {
        serve(zone, write(zone, records));
    }

    private Path write(String zone, String... records) throws IOException {
        String origin = zone.equals(".") ? "." : zone + ".";
        String name = zone.equals(".") ? "" : "." + origin;
        Path file = directory.resolve("zone-" + zone);
        Files.writeString(
                file,
                """
                $ORIGIN %1$s
                $TTL 300
                @ SOA ns%2$s hostmaster%2$s 1 1800 900 604800 60
                @ NS ns%2$s
                ns%2$s A 192.0.2.53
                %3$s
                """
                        .formatted(
                                origin,
                                name.isEmpty() ? ".test." : name,
                                String.join("\n", records)));
        return file;
    }

    private void serve(String zone, Path file) {
        configuration.append("zone:\n  name: \"%s\"\n  zonefile: \"%s\"\n".formatted(zone, file));
    }

    private String header() {
        return """
        server:
          server-count: 1
          ip-address: 127.0.0.1@%1$d
          username: ""
          zonesdir: "%2$s"
          database: ""
          zonelistfile: "%2$s/zone.list"
          xfrdfile: ""
          pidfile: "%2$s/nsd.pid"
          logfile: "%2$s/nsd.log"
          rrl-ratelimit: 0
        remote-control:
          control-enable: no
        """
                .formatted(port, directory);
    }

    private void run(List<String> command) throws IOException, InterruptedException {
        Process process = start(command);
        if (!process.waitFor(20, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IllegalStateException(
                    command + ": " + Files.readString(directory.resolve("tools.log")));
        }
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(directory.resolve("tools.log").toFile()))
                .start();
    }

    private void awaitAnswer() throws IOException, InterruptedException {
        byte[] query = {1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1}; // . SOA
        for (int i = 0; i < 100; i++) {
            try (DatagramSocket socket = new DatagramSocket()) {
                socket.setSoTimeout(100);
                socket.connect(address());
                socket.send(new DatagramPacket(query, query.length));
                socket.receive(new DatagramPacket(new byte[512], 512));
                return;
            } catch (SocketTimeoutException | SocketException e) {
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("nsd: " + Files.readString(directory.resolve("nsd.log")));
    }

    private static int freePort() throws IOException {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String program(String name) {
        for (String each : DIRECTORIES) {
            if (Files.isExecutable(Path.of(each, name))) {
                return each + "/" + name;
            }
        }
        String reason = "needs " + name + "; run ./sallyport verify as root to install programs";
        if ("true".equals(System.getenv("CI"))) {
            throw new AssertionError(reason);
        }
        throw new TestAbortedException(reason);
    }
}
