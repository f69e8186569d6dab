package io.sallyport.sync.chain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/** The chain of plugins in a runtime's directory, and us in it. */
public final class Chain {
    /** Of a file that a chain has taken the place of. */
    private static final String SAVED = ".before-sallyport";

    private static final List<String> SINGLE = List.of(".conf", ".json");
    private static final String LIST = ".conflist";
    private static final String READABLE = "rw-r--r--";
    private static final String PROGRAM = "rwxr-xr-x";

    /**
     * @param program our plugin
     * @param binaries where the runtime looks for plugins
     * @param directory where it looks for configurations; it takes the first by name
     * @param name of the configuration to be in; empty: the first
     * @param dedicated a configuration that nobody else writes: it is put into the directory as a
     *     whole
     * @param entry our plugin's part of a chain
     */
    public record Config(
            Path program,
            Path binaries,
            Path directory,
            Optional<String> name,
            Optional<Path> dedicated,
            ObjectNode entry) {}

    /** How it is after a look. */
    public sealed interface Found {}

    /** It is there, and was. */
    public record There(Path file) implements Found {}

    /** It was not there, and is now. */
    public record Written(Path file) implements Found {}

    /** There is nothing that we could be in, or nobody can read it. */
    public record Nothing(String why) implements Found {}

    private final Config config;

    private final Owner owner;

    private Chain(Config config, LongSupplier clock) {
        this.config = config;
        this.owner = new Owner(config.directory(), clock);
    }

    public static Chain of(Config config) {
        return of(config, System::nanoTime);
    }

    static Chain of(Config config, LongSupplier clock) {
        return new Chain(config, clock);
    }

    /**
     * Looks once: the program and the configuration are as they should be, or are made so. Where
     * another installer started later, another's program or entry is as good as ours.
     *
     * @throws IOException if a directory cannot be written
     */
    public Found install() throws IOException {
        if (config.dedicated().isPresent()) {
            Files.createDirectories(config.directory());
        }
        boolean last = owner.isUs();
        installProgram(last);
        return config.dedicated().isPresent()
                ? dedicated(config.dedicated().get(), last)
                : appended(last);
    }

    private void installProgram(boolean last) throws IOException {
        byte[] wanted = Files.readAllBytes(config.program());
        Path file = config.binaries().resolve(Conflist.TYPE);
        boolean there = Files.isExecutable(file) && (!last || holds(file, wanted));
        if (!there) {
            Swap.in(file, wanted, PROGRAM);
        }
    }

    private static boolean holds(Path file, byte[] octets) throws IOException {
        return Files.size(file) == octets.length && Arrays.equals(Files.readAllBytes(file), octets);
    }

    private Found dedicated(Path source, boolean last) throws IOException {
        String name = config.name().orElse(String.valueOf(source.getFileName()));
        if (!name.endsWith(LIST)) {
            throw new IOException(
                    name + " should end in " + LIST + "; give another with --conf-name");
        }
        Conflist wanted = Conflist.read(source).with(config.entry());
        Path file = config.directory().resolve(name);
        try {
            Conflist chain = Conflist.read(file);
            if (last ? chain.equals(wanted) : chain.ours().isPresent()) {
                return new There(file);
            }
        } catch (IOException e) {
            // Not there, or nothing that a runtime could use: it is written.
        }
        Swap.in(file, octets(wanted), READABLE);
        return new Written(file);
    }

    private static byte[] octets(Conflist chain) {
        return chain.text().getBytes(StandardCharsets.UTF_8);
    }

    private Found appended(boolean last) throws IOException {
        Optional<Path> primary = primary();
        if (primary.isEmpty()) {
            return new Nothing(
                    "no network plugin has written its configuration to "
                            + config.directory()
                            + " yet");
        }
        Path file = primary.get();
        Object before;
        Conflist chain;
        try {
            before = identity(file);
            chain = Conflist.read(file);
        } catch (IOException e) {
            return new Nothing(String.valueOf(e.getMessage()));
        }
        boolean single = !file.toString().endsWith(LIST);
        if (!single
                && chain.ours().filter(ours -> !last || ours.equals(config.entry())).isPresent()) {
            return new There(file);
        }
        return write(file, single, chain.with(config.entry()), before);
    }

    private Found write(Path file, boolean single, Conflist chain, Object before)
            throws IOException {
        Path target = single ? file.resolveSibling(stem(file) + LIST) : file;
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        if (!identity(file).equals(before)) {
            return new Nothing(file + " is being written by somebody else");
        }
        Swap.in(target, octets(chain), mode);
        if (single) {
            // It comes before the chain by name, and would be what the runtime takes.
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + SAVED),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
        return new Written(target);
    }

    private static Object identity(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        return List.of(String.valueOf(now.fileKey()), now.lastModifiedTime(), now.size());
    }

    private static String stem(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.lastIndexOf('.'));
    }

    /** What the runtime takes: the first by name. */
    private Optional<Path> primary() throws IOException {
        if (config.name().isPresent()) {
            Path named = config.directory().resolve(config.name().get());
            return Optional.of(named).filter(Files::isRegularFile);
        }
        return configurations().stream().findFirst();
    }

    private List<Path> configurations() throws IOException {
        try (Stream<Path> listed = Files.list(config.directory())) {
            return listed.filter(Files::isRegularFile).filter(Chain::isTaken).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }

    private static boolean isTaken(Path file) {
        String name = String.valueOf(file.getFileName());
        return !name.startsWith(".")
                && (name.endsWith(LIST) || SINGLE.stream().anyMatch(name::endsWith));
    }

    /**
     * Takes us out of every chain; what a chain of ours took the place of comes back. A dedicated
     * configuration goes as a whole: its runtime handler starts nothing then. The program stays,
     * because containers that run need it at their end.
     *
     * @return the files that changed
     */
    public List<Path> uninstall() throws IOException {
        List<Path> changed = new ArrayList<>();
        for (Path file : configurations()) {
            Conflist chain = Conflist.read(file);
            if (file.toString().endsWith(LIST) && chain.ours().isPresent()) {
                takeOut(file, chain);
                changed.add(file);
            }
        }
        owner.forget();
        return changed;
    }

    private void takeOut(Path file, Conflist chain) throws IOException {
        if (config.dedicated().isPresent()) {
            Files.delete(file);
            return;
        }
        for (String end : SINGLE) {
            Path single = file.resolveSibling(stem(file) + end);
            Path saved = single.resolveSibling(single.getFileName() + SAVED);
            if (Files.exists(saved)) {
                Files.move(saved, single, StandardCopyOption.ATOMIC_MOVE);
                Files.delete(file);
                return;
            }
        }
        Swap.in(
                file,
                octets(chain.without()),
                PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    /**
     * Looks again and again, at once when something changes, until the thread is interrupted.
     *
     * @param report where a node reads how it is
     * @param told of each change, a sentence for a person
     */
    public void watch(Path report, Consumer<String> told) throws IOException {
        Swap.sweep(config.directory());
        Swap.sweep(config.binaries());
        new Watching(this, config.directory(), report, told).run();
    }
}
