package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.world.World;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A world, and {@code sallyport run} on its host, as a person types it. */
abstract class Runs {
    static final long PATIENCE_SECONDS = 60;

    /** How a run ended. */
    record Ended(int exit, String out, String err) {}

    @TempDir Path data;

    /** Where runs of this host write down what to undo. */
    @TempDir Path undo;

    World world;

    @BeforeEach
    void open() {
        world = World.start();
    }

    @AfterEach
    void close() {
        world.close();
    }

    /**
     * What a run could leave: rules and chains of its own (a table that was merely looked at is no
     * trace), and more.
     */
    String state() {
        return world.host()
                .run(
                        "sh",
                        "-c",
                        """
                        iptables-save | grep -E '^-|^:SALLYPORT'; ip6tables-save | grep -E '^-|^:SALLYPORT'
                        ipset list -n; ip -o link | sed 's/^[0-9]*: //'; ls "$0"
                        sysctl -a 2>/dev/null | grep -E 'forwarding|accept_ra ' | sort\
                        """,
                        undo.toString())
                .output()
                .replaceAll("\\[\\d+:\\d+]", "");
    }

    Ended run(List<String> options, String script) {
        return ended(asHost(command(options, script)));
    }

    /** On this host, whose runs are not undone by those of other tests. */
    ProcessBuilder asHost(String... command) {
        List<String> whole =
                new ArrayList<>(
                        List.of(
                                "sh",
                                "-c",
                                "mkdir -p /run/sallyport && mount --bind \"$0\" /run/sallyport && exec \"$@\"",
                                undo.toString()));
        whole.addAll(List.of(command));
        return world.asHost(whole.toArray(String[]::new));
    }

    static Ended ended(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            var err =
                    new java.util.concurrent.FutureTask<>(() ->
                            new String(
                                    process.getErrorStream().readAllBytes(),
                                    StandardCharsets.UTF_8));
            Thread.ofVirtual().start(err);
            String out =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            return new Ended(process.exitValue(), out, err.get());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    String[] command(List<String> options, String script) {
        List<String> command = new ArrayList<>(World.sallyport("run", "--data", data.toString()));
        if (!options.contains("--upstream")) {
            command.addAll(List.of("--upstream", World.UPSTREAM4));
        }
        command.addAll(options);
        command.addAll(List.of("--", "sh", "-c", script));
        return command.toArray(String[]::new);
    }
}
