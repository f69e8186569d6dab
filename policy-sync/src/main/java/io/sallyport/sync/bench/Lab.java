package io.sallyport.sync.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The directory and the processes of one run; all end with it. */
final class Lab implements AutoCloseable {
    /** Where the server under test runs, alone. */
    static final int SERVER_CORE = 0;

    /** Where load and upstream run. */
    static final int LOAD_CORE = 1;

    private static final List<String> DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");
    private static final long TOOL_SECONDS = 60;

    private final Path directory;
    private final Deque<Running> processes = new ArrayDeque<>();

    private Lab(Path directory) {
        this.directory = directory;
    }

    /**
     * @param parent where its directory is made; in memory, so that no server waits for a disk
     */
    static Lab open(Path parent) throws IOException {
        return new Lab(Files.createTempDirectory(parent, "bench"));
    }

    Path directory() {
        return directory;
    }

    /** Where a program is, if it is installed. */
    static Optional<Path> program(String name) {
        return DIRECTORIES.stream()
                .map(each -> Path.of(each, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts a process on one core.
     *
     * @param enter the command that enters its namespace first; empty for the bench's own
     */
    Running start(String name, int core, List<String> enter, List<String> command)
            throws IOException {
        List<String> whole = new ArrayList<>(enter);
        whole.addAll(List.of("taskset", "-c", Integer.toString(core)));
        whole.addAll(command);
        Path log = Files.createTempFile(directory, name, ".log");
        ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
        builder.redirectOutput(log.toFile()).redirectInput(Path.of("/dev/null").toFile());
        Running running = new Running(name, builder.start(), log);
        processes.push(running);
        return running;
    }

    /** Runs a process on one core to its end and returns what it wrote. */
    String run(String name, int core, List<String> enter, List<String> command, double seconds)
            throws IOException, InterruptedException {
        Running running = start(name, core, enter, command);
        try {
            return running.await(seconds);
        } finally {
            processes.remove(running);
        }
    }

    /** Compiles one of our C programs. */
    Path compile(String program) throws IOException {
        Path source = resource(program + ".c");
        Path binary = directory.resolve(program);
        tool("cc", "-O2", "-o", binary.toString(), source.toString());
        return binary;
    }

    private Path resource(String name) throws IOException {
        Path file = directory.resolve(name);
        try (InputStream in = Lab.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException(name + " is missing in the program");
            }
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** Runs a short command of the system and returns what it printed. */
    static String tool(String... command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(TOOL_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + output.strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + command[0], e);
        } finally {
            process.destroyForcibly();
        }
        return output;
    }

    /** Ends one process early. */
    void end(Running running) {
        running.close();
        processes.remove(running);
    }

    @Override
    public void close() throws IOException {
        while (!processes.isEmpty()) {
            processes.pop().close();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
