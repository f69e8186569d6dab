package io.sallyport.sync.source;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Role;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
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
import java.util.stream.IntStream;

/**
 * How long a pull of a policy takes at a steady rate, while settings are changed 20 times a second:
 * a node's token is looked up, settings and agent are read, a snapshot is made. Arguments: sqlite
 * or postgresql, pulls a second, seconds. A pull's time counts from when it was due.
 */
final class PullBenchmark {
    private static final Author ANN = new Author("ann", "");
    private static final int ORGS = 200;
    private static final int THREADS = 8;
    private static final int WARM_UP_SECONDS = 5;
    private static final long CHANGE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final OrgStore orgs;
    private final Tokens tokens;
    private final PolicySource source;
    private final String secret;
    private final AtomicBoolean done = new AtomicBoolean();

    private PullBenchmark(Database database) throws Exception {
        orgs = OrgStore.of(database, InstantSource.system());
        tokens = new Tokens(database, InstantSource.system());
        source = PolicySource.of(orgs, Presets.shipped());
        secret = tokens.create("node", Role.NODE, Optional.empty(), Optional.empty(), ANN).secret();
        for (int i = 0; i < ORGS; i++) {
            orgs.create("org" + i, Settings.forNewOrg(), ANN);
            String domains = "*.a" + i + ".example, b" + i + ".example, c" + i + ".example:8443";
            orgs.change(
                    "org" + i,
                    OptionalLong.empty(),
                    List.of(new Change.Allow(Settings.patterns(domains))),
                    ANN);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Backend backend = Backend.valueOf(arguments[0].toUpperCase(Locale.ROOT));
        int rate = Integer.parseInt(arguments[1]);
        int seconds = Integer.parseInt(arguments[2]);
        Path directory = Files.createTempDirectory("pulls");
        try (Database database = backend.store(directory).open()) {
            PullBenchmark benchmark = new PullBenchmark(database);
            benchmark.pulls(rate, WARM_UP_SECONDS);
            benchmark.run(rate, seconds);
        } finally {
            try (var files = Files.list(directory)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(directory);
        }
    }

    private void run(int rate, int seconds) throws Exception {
        try (ExecutorService changing = Executors.newFixedThreadPool(1)) {
            Future<Integer> changes = changing.submit(this::change);
            long cpu = ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis();
            long[] nanos = pulls(rate, seconds);
            long spent =
                    ProcessHandle.current().info().totalCpuDuration().orElseThrow().toMillis()
                            - cpu;
            done.set(true);
            Arrays.sort(nanos);
            System.out.printf(
                    Locale.ROOT,
                    "%d pulls in %d s, %d changes meanwhile, %.2f ms of CPU a pull: p50 %.2f ms, p99 %.2f ms, slowest %.2f ms%n",
                    nanos.length,
                    seconds,
                    changes.get(),
                    (double) spent / nanos.length,
                    nanos[nanos.length / 2] / 1e6,
                    nanos[nanos.length * 99 / 100] / 1e6,
                    nanos[nanos.length - 1] / 1e6);
        }
    }

    private Integer change() throws Exception {
        int changes = 0;
        for (; !done.get(); changes++) {
            orgs.change(
                    "org" + changes % ORGS,
                    OptionalLong.empty(),
                    List.of(new Change.SetInternet(changes / ORGS % 2 == 1)),
                    ANN);
            LockSupport.parkNanos(CHANGE_NANOS);
        }
        return changes;
    }

    private long[] pulls(int rate, int seconds) throws Exception {
        int all = rate * seconds;
        long[] nanos = new long[all];
        long begin = System.nanoTime();
        try (ExecutorService nodes = Executors.newFixedThreadPool(THREADS)) {
            List<Future<Integer>> running =
                    IntStream.range(0, THREADS)
                            .mapToObj(thread ->
                                    nodes.submit(() -> {
                                        int i = thread;
                                        for (; i < all; i += THREADS) {
                                            long due =
                                                    begin + i * TimeUnit.SECONDS.toNanos(1) / rate;
                                            LockSupport.parkNanos(due - System.nanoTime());
                                            pull("org" + i % ORGS);
                                            nanos[i] = System.nanoTime() - due;
                                        }
                                        return i;
                                    }))
                            .toList();
            for (Future<Integer> one : running) {
                one.get();
            }
        }
        return nanos;
    }

    private void pull(String org) throws Exception {
        if (tokens.find(secret).isEmpty()) {
            throw new IllegalStateException("the token is not known");
        }
        source.pull(org, "builder");
    }
}
