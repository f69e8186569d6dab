package io.sallyport.sync.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A PostgreSQL server of its own, to be killed and started again on the same files and port. */
public final class CrashingServer implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final Path data;
    private final EmbeddedPostgres server;
    private final TestStore store;
    private List<String> command = List.of();

    public CrashingServer(Path directory) throws IOException {
        this.data = directory.resolve("server");
        this.server =
                PostgresTestStore.embedded()
                        .setDataDirectory(data)
                        .setServerConfig("fsync", "on") // off in tests, they say
                        .start();
        this.store = PostgresTestStore.in(server.getJdbcUrl("postgres", "postgres"), directory);
    }

    public TestStore store() {
        return store;
    }

    /** SIGKILL for the server and each of its processes; locks and shared memory stay behind. */
    public boolean kill() throws IOException {
        ProcessHandle main =
                ProcessHandle.of(
                                Long.parseLong(
                                        Files.readAllLines(data.resolve("postmaster.pid"))
                                                .getFirst()
                                                .strip()))
                        .orElseThrow(() -> new IOException("the server is not there"));
        command =
                List.of(
                        Files.readString(Path.of("/proc/" + main.pid() + "/cmdline"))
                                .split("\0", 0));
        List<ProcessHandle> all = new ArrayList<>(main.descendants().toList());
        all.addFirst(main);
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : all) {
            process.onExit().orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        }
        return true;
    }

    /** Starts it as it was started; it mends its files from the log of its writes. */
    public void restart() throws IOException, InterruptedException {
        List<String> again = new ArrayList<>(command);
        if (System.getProperty("user.name").equals("root")) {
            again.addAll(0, List.of("unshare", "-U")); // it refuses to run as root
        }
        ProcessBuilder command =
                new ProcessBuilder(again)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD);
        Process started = command.start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!answers()) {
            if (System.nanoTime() > end) {
                throw new IOException("the server does not come back: " + again);
            }
            Thread.sleep(50);
            if (!started.isAlive()) {
                started = command.start(); // a last process of the old server was in its way
            }
        }
    }

    private boolean answers() {
        try (Connection open = store.raw()) {
            return open.isValid(1);
        } catch (SQLException e) {
            return false; // it still mends its files
        }
    }

    /** Stops whichever server runs on these files. */
    @Override
    public void close() throws IOException {
        server.close();
    }
}
