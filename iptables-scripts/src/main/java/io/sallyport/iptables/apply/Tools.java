package io.sallyport.iptables.apply;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The programs of this host that change the kernel's rules.
 *
 * @param flavour which iptables: what {@code iptables} is here, or one of its two kinds
 * @param namespace the network namespace to work in instead of this process's own
 */
public record Tools(Flavour flavour, Optional<Path> namespace) {

    /** The two kinds of iptables; their rules do not see each other. */
    public enum Flavour {
        HOST(""),
        NFT("-nft"),
        LEGACY("-legacy");

        private final String infix;

        Flavour(String infix) {
            this.infix = infix;
        }
    }

    /** A program is missing, refused, or did not end. */
    public static final class ToolException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public ToolException(String message) {
            super(message);
        }

        public ToolException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Where Linux keeps programs for the administrator; the environment's PATH has no say. */
    private static final List<String> DIRECTORIES =
            List.of("/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin", "/usr/local/bin");

    /** Some seconds of waiting for the lock of iptables, and a large host's rules. */
    private static final long TIMEOUT_SECONDS = 30;

    private static final String LOCK_SECONDS = "5";

    private static final String COMMIT = "COMMIT\n";

    private static final Pattern LINE = Pattern.compile("line:? (\\d+)");

    private static final Executor VIRTUAL = command -> Thread.ofVirtual().start(command);

    /**
     * What a program reads.
     *
     * @param hold from where on it has to wait until {@code first} has returned
     */
    private record Input(String text, int hold, Runnable first) {
        static final Input NONE = of("");

        static Input of(String text) {
            return new Input(text, text.length(), () -> {});
        }

        void to(OutputStream out) throws IOException {
            out.write(text.substring(0, hold).getBytes(StandardCharsets.US_ASCII));
            out.flush();
            first.run();
            out.write(text.substring(hold).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** The tools of this host in its own namespace. */
    public static Tools ofHost() {
        return new Tools(Flavour.HOST, Optional.empty());
    }

    /**
     * Feeds {@code iptables-restore --noflush}, or its IPv6 twin. Nothing to feed is nothing to do.
     */
    public void restore(boolean six, String text) {
        restore(six, text, () -> {});
    }

    /**
     * As {@link #restore(boolean, String)}, but nothing is put in force before {@code first} has
     * returned, nor if it throws: the program starts and reads meanwhile.
     */
    public void restore(boolean six, String text, Runnable first) {
        if (!text.isEmpty()) {
            run(
                    new Input(text, Math.max(0, text.indexOf(COMMIT)), first),
                    iptables(six, "-restore"),
                    "--noflush",
                    "-w",
                    LOCK_SECONDS);
        }
    }

    /** The command line that {@link #restore} runs, without its directory. */
    public String restoreCommand(boolean six) {
        return iptables(six, "-restore") + " --noflush -w " + LOCK_SECONDS;
    }

    /** Whether this iptables writes its rules as nftables. */
    public boolean writesNft() {
        return run(Input.NONE, iptables(false, ""), "--version").contains("nf_tables");
    }

    /** What {@code iptables-save} prints. */
    public String save(boolean six) {
        return run(Input.NONE, iptables(six, "-save"));
    }

    /** What {@code iptables-save} prints, with packet counts. */
    public String saveCounters(boolean six) {
        return run(Input.NONE, iptables(six, "-save"), "-c");
    }

    /** Feeds {@code ipset restore}. */
    public void restoreSets(String text) {
        if (!text.isEmpty()) {
            run(Input.of(text), "ipset", "-exist", "restore");
        }
    }

    public String ipset(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ipset"));
        command.addAll(List.of(arguments));
        return run(Input.NONE, command.toArray(String[]::new));
    }

    /** What a file of the kernel says in the namespace. */
    public String read(String file) {
        return run(Input.NONE, "cat", file);
    }

    private String iptables(boolean six, String suffix) {
        return (six ? "ip6tables" : "iptables") + flavour.infix + suffix;
    }

    private String run(Input input, String... command) {
        List<String> whole = new ArrayList<>();
        namespace.ifPresent(path -> whole.addAll(List.of(find("nsenter"), "--net=" + path)));
        whole.add(find(command[0]));
        whole.addAll(List.of(command).subList(1, command.length));
        ProcessBuilder builder = new ProcessBuilder(whole);
        builder.environment().clear();
        builder.environment().putAll(Map.of("LC_ALL", "C", "PATH", String.join(":", DIRECTORIES)));
        try {
            return finish(builder.start(), input, String.join(" ", command));
        } catch (IOException e) {
            throw new ToolException(command[0] + " cannot be run: " + e.getMessage(), e);
        }
    }

    private static String finish(Process process, Input input, String command) throws IOException {
        CompletableFuture<String> output = drained(process.getInputStream());
        CompletableFuture<String> errors = drained(process.getErrorStream());
        try {
            Optional<RuntimeException> withheld = feed(process, input);
            if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new ToolException(command + " did not end within " + TIMEOUT_SECONDS + " s");
            }
            // Both are read to their ends before the process is let go of, which closes them.
            String words = errors.join().strip();
            String printed = output.join();
            if (withheld.isPresent()) {
                throw withheld.get();
            }
            if (process.exitValue() != 0) {
                throw new ToolException(command + ": " + explained(words, input.text()));
            }
            return printed;
        } catch (CompletionException e) {
            throw new ToolException(command + ": its output could not be read", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ToolException(command + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** Why the rest was kept from it, if it was; it ends as at the end of its input. */
    private static Optional<RuntimeException> feed(Process process, Input input) {
        try (OutputStream in = process.getOutputStream()) {
            input.to(in);
        } catch (IOException e) {
            // It ended before it had read everything; its exit code and words say why.
        } catch (RuntimeException e) {
            return Optional.of(e);
        }
        return Optional.empty();
    }

    private static CompletableFuture<String> drained(InputStream stream) {
        return CompletableFuture.supplyAsync(
                        () -> {
                            try (stream) {
                                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        },
                        VIRTUAL)
                .orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    private static String explained(String errors, String input) {
        Matcher matcher = LINE.matcher(errors);
        List<String> lines = input.lines().toList();
        if (matcher.find()) {
            int number = Integer.parseInt(matcher.group(1));
            if (number >= 1 && number <= lines.size()) {
                return errors + ", which is: " + lines.get(number - 1);
            }
        }
        return errors.isEmpty() ? "failed without a word" : errors;
    }

    private static String find(String program) {
        for (String directory : DIRECTORIES) {
            Path path = Path.of(directory, program);
            if (Files.isExecutable(path)) {
                return path.toString();
            }
        }
        throw new ToolException(
                program + " is not installed: install the packages iptables, ipset and util-linux");
    }
}
