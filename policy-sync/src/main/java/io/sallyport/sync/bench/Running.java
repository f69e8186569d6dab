package io.sallyport.sync.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process of the lab and all its children. */
final class Running implements AutoCloseable {
    /** USER_HZ, the unit of /proc/PID/stat: 100 on every Linux that Java runs on. */
    private static final long TICK_MICROS = 10_000;

    /**
     * Fields after the program's name: utime, stime, cutime, cstime; and rss (proc_pid_stat(5)).
     */
    private static final int UTIME = 11;

    private static final int RSS = 21;
    private static final long PAGE_BYTES = 4096;
    private static final long STOP_SECONDS = 10;
    private static final int LAST_WORDS = 400;

    private final String name;
    private final Process process;
    private final Path log;

    Running(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Processor time of all threads so far, and of children that ended, in microseconds. */
    long cpuMicros() throws IOException {
        long ticks = 0;
        for (long pid : tree()) {
            List<String> fields = stat(pid);
            for (int i = UTIME; i < UTIME + 4 && !fields.isEmpty(); i++) {
                ticks += Long.parseLong(fields.get(i));
            }
        }
        return ticks * TICK_MICROS;
    }

    /** Resident memory, in megabytes of 10^6 octets. */
    double residentMb() throws IOException {
        long pages = 0;
        for (long pid : tree()) {
            List<String> fields = stat(pid);
            pages += fields.isEmpty() ? 0 : Long.parseLong(fields.get(RSS));
        }
        return pages * PAGE_BYTES / 1e6;
    }

    /** Stops it from running at all, until {@link #thaw}: it keeps its memory and costs nothing. */
    void freeze() throws IOException {
        signal("-STOP");
    }

    void thaw() throws IOException {
        signal("-CONT");
    }

    /** The end of what it wrote. */
    String lastWords() {
        try {
            String all = Files.readString(log).strip();
            return all.substring(Math.max(0, all.length() - LAST_WORDS)).replaceAll("\\s+", " ");
        } catch (IOException e) {
            return "nothing readable in " + log;
        }
    }

    /** What it wrote so far. */
    String output() throws IOException {
        return Files.readString(log);
    }

    /** Waits for its end and returns what it wrote. */
    String await(double seconds) throws IOException, InterruptedException {
        if (!process.waitFor((long) (seconds * 1000), TimeUnit.MILLISECONDS)) {
            close();
            throw new IOException(name + " did not end in " + seconds + " s");
        }
        if (process.exitValue() != 0) {
            throw new IOException(name + " failed: " + lastWords());
        }
        return output();
    }

    /** Ends it, and what it started. */
    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(name + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Only itself: what it starts for a moment, such as iptables, is let end. */
    private void signal(String signal) throws IOException {
        Lab.tool("kill", signal, Long.toString(process.pid()));
    }

    private List<Long> tree() {
        List<Long> pids = new ArrayList<>(List.of(process.pid()));
        try (Stream<ProcessHandle> children = process.descendants()) {
            children.map(ProcessHandle::pid).forEach(pids::add);
        }
        return pids;
    }

    /** What follows the program's name, which may hold anything; empty if it ended. */
    private static List<String> stat(long pid) throws IOException {
        try {
            String text = Files.readString(Path.of("/proc/" + pid + "/stat"));
            return List.of(text.substring(text.lastIndexOf(')') + 2).split(" ", -1));
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
