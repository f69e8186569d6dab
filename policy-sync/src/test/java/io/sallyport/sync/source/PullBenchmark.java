package io.sallyport.sync.source;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.certificates.Certificates;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * How long a pull of a policy takes at a steady rate: a {@code sallyport control} process of its
 * own on SQLite, asked over HTTP or HTTPS with a node's token, while an admin changes settings 20
 * times a second. A pull's time counts from when it was due, so a server that falls behind is not
 * spared. Run from the top of the tree, with the classes of the tests:
 *
 * <pre>PullBenchmark http|https PULLS-A-SECOND SECONDS</pre>
 */
final class PullBenchmark {
    private static final Author ANN = new Author("ann", "");
    private static final int ORGS = 200;
    private static final int CONNECTIONS = 16;
    private static final int WARM_UP_SECONDS = 8;
    private static final long CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final Duration START = Duration.ofSeconds(20);

    private record Secrets(String node, String admin) {}

    private final URI server;
    private final Path directory;
    private final Secrets secrets;
    private final AtomicBoolean done = new AtomicBoolean();

    private PullBenchmark(URI server, Path directory, Secrets secrets) {
        this.server = server;
        this.directory = directory;
        this.secrets = secrets;
    }

    public static void main(String[] arguments) throws Exception {
        boolean tls = arguments[0].equals("https");
        int rate = Integer.parseInt(arguments[1]);
        int seconds = Integer.parseInt(arguments[2]);
        Path directory = Files.createTempDirectory("pulls");
        try {
            DataDirectory data = new DataDirectory(directory.resolve("data"));
            Secrets secrets = fill(data);
            Process control = start(directory, data, tls);
            try {
                PullBenchmark benchmark =
                        new PullBenchmark(address(data, control), directory, secrets);
                benchmark.pulls(rate, WARM_UP_SECONDS);
                benchmark.run(rate, seconds, control.toHandle());
            } finally {
                control.destroy();
                control.waitFor();
            }
        } finally {
            remove(directory);
        }
    }

    private static Secrets fill(DataDirectory data) throws Exception {
        try (Database database = Database.open(data.create().path())) {
            OrgStore orgs = OrgStore.of(database, InstantSource.system());
            for (int i = 0; i < ORGS; i++) {
                orgs.create("org" + i, Settings.forNewOrg(), ANN);
                String domains =
                        "*.a" + i + ".example, b" + i + ".example, c" + i + ".example:8443";
                orgs.change(
                        "org" + i,
                        OptionalLong.empty(),
                        List.of(new Change.Allow(Settings.patterns(domains))),
                        ANN);
            }
            Tokens tokens = new Tokens(database, InstantSource.system());
            Optional<String> none = Optional.empty();
            return new Secrets(
                    tokens.create("n", Role.NODE, none, Optional.of("n"), Optional.empty(), ANN)
                            .secret(),
                    tokens.create("a", Role.PLATFORM_ADMIN, none, Optional.empty(), ANN).secret());
        }
    }

    private static Process start(Path directory, DataDirectory data, boolean tls) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "./sallyport",
                                "control",
                                "--data",
                                data.path().toString(),
                                "--listen",
                                "127.0.0.1:0",
                                "--metrics-listen",
                                "127.0.0.1:0"));
        if (tls) {
            Certificates certificates = new Certificates(directory);
            certificates.alone("control", "control", "subjectAltName=IP:127.0.0.1");
            command.addAll(
                    List.of("--tls-certificate", certificates.certificate("control").toString()));
            command.addAll(List.of("--tls-key", certificates.key("control").toString()));
        }
        return new ProcessBuilder(command).inheritIO().start();
    }

    private static URI address(DataDirectory data, Process control) throws Exception {
        long end = System.nanoTime() + START.toNanos();
        while (!data.endpoints().containsKey("control")) {
            if (!control.isAlive() || System.nanoTime() > end) {
                throw new IOException("the control server does not start");
            }
            Thread.sleep(20);
        }
        return URI.create(data.endpoints().getOrDefault("control", ""));
    }

    private void run(int rate, int seconds, ProcessHandle control) throws Exception {
        try (ExecutorService changing = Executors.newSingleThreadExecutor()) {
            Future<Changes> changes = changing.submit(this::change);
            long before = cpuMillis(control);
            long[] nanos = pulls(rate, seconds);
            long spent = cpuMillis(control) - before;
            done.set(true);
            Arrays.sort(nanos);
            System.out.printf(
                    Locale.ROOT,
                    "%d pulls in %d s over %s, %.2f ms of the server's CPU a pull: p50 %.2f ms,"
                            + " p90 %.2f ms, p99 %.2f ms, slowest %.2f ms; meanwhile %d changes, the"
                            + " slowest %.2f ms%n",
                    nanos.length,
                    seconds,
                    server.getScheme(),
                    (double) spent / nanos.length,
                    nanos[nanos.length / 2] / 1e6,
                    nanos[nanos.length * 90 / 100] / 1e6,
                    nanos[nanos.length * 99 / 100] / 1e6,
                    nanos[nanos.length - 1] / 1e6,
                    changes.get().count(),
                    changes.get().slowestNanos() / 1e6);
        }
    }

    private static long cpuMillis(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toMillis();
    }

    private record Changes(int count, long slowestNanos) {}

    private Changes change() throws Exception {
        int changes = 0;
        long slowest = 0;
        try (Line line = open(secrets.admin())) {
            for (; !done.get(); changes++) {
                String domains = "{\"domains\": \"d" + changes + ".example\"}";
                long begin = System.nanoTime();
                line.post("/v1/orgs/org" + changes % ORGS + "/network-access/domains", domains);
                slowest = Math.max(slowest, System.nanoTime() - begin);
                LockSupport.parkNanos(CHANGE_NANOS);
            }
        }
        return new Changes(changes, slowest);
    }

    private long[] pulls(int rate, int seconds) throws Exception {
        int all = rate * seconds;
        long[] nanos = new long[all];
        long begin = System.nanoTime();
        try (ExecutorService nodes = Executors.newFixedThreadPool(CONNECTIONS)) {
            List<Future<Integer>> running = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                int first = i;
                running.add(nodes.submit(() -> pull(first, rate, begin, nanos)));
            }
            for (Future<Integer> one : running) {
                one.get();
            }
        }
        return nanos;
    }

    private Integer pull(int first, int rate, long begin, long[] nanos) throws Exception {
        try (Line line = open(secrets.node())) {
            int i = first;
            for (; i < nanos.length; i += CONNECTIONS) {
                long due = begin + i * TimeUnit.SECONDS.toNanos(1) / rate;
                LockSupport.parkNanos(due - System.nanoTime());
                line.get("/v1/orgs/org" + i % ORGS + "/policy?agent=builder");
                nanos[i] = System.nanoTime() - due;
            }
            return i;
        }
    }

    private Line open(String token) throws Exception {
        return Line.open(server, directory.resolve("control.pem"), token);
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
