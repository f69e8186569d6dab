package io.sallyport.sync.engine;

import io.sallyport.iptables.netns.Netns;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The files of an image: programs of this machine with the libraries that they name. */
public final class Rootfs {
    private static final Pattern LIBRARY =
            Pattern.compile("(?m)^\\s*(?:\\S+ => )?(/\\S+) \\(0x[0-9a-f]+\\)$");

    private final Path directory;

    private Rootfs(Path directory) {
        this.directory = directory;
    }

    /** An empty tree with the directories that an engine mounts over or a program writes to. */
    public static Rootfs in(Path directory) {
        Rootfs rootfs = new Rootfs(directory);
        for (String each :
                new String[] {"bin", "etc", "tmp", "proc", "sys", "dev", "run", "root"}) {
            rootfs.directory(each);
        }
        Netns.host("chmod", "1777", directory.resolve("tmp").toString()).ok();
        return rootfs;
    }

    public Path directory() {
        return directory;
    }

    /** Puts programs into {@code /bin}, found as a shell would. */
    public Rootfs programs(String... names) {
        for (String name : names) {
            Path found =
                    Path.of(Netns.host("sh", "-c", "command -v " + name).ok().output().strip());
            copy(found, directory.resolve("bin").resolve(name));
            libraries(found);
        }
        return this;
    }

    /** Puts what a program or library needs where it looks for it. */
    public Rootfs libraries(Path program) {
        var found = LIBRARY.matcher(Netns.host("ldd", program.toString()).output());
        while (found.find()) {
            Path library = Path.of(found.group(1)).normalize();
            Path place = directory.resolve(library.toString().substring(1));
            if (!library.startsWith(directory) && !Files.exists(place)) {
                copy(library, place);
            }
        }
        return this;
    }

    /** Puts a whole tree of this machine somewhere, with what its programs and libraries need. */
    public Rootfs tree(Path from, String to) {
        Path target = directory.resolve(to);
        Netns.host("sh", "-c", "mkdir -p \"$(dirname \"$0\")\"", target.toString()).ok();
        Netns.host("cp", "-rL", from.toString(), target.toString()).ok();
        try (Stream<Path> files = Files.walk(target)) {
            files.filter(file -> file.toString().endsWith(".so") || Files.isExecutable(file))
                    .filter(Files::isRegularFile)
                    .forEach(this::libraries);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Puts the extensions of iptables where it looks for them. */
    public Rootfs extensions() {
        String place =
                Netns.host("sh", "-c", "dirname \"$(find /usr/lib -name libxt_set.so)\"")
                        .ok()
                        .output()
                        .strip();
        return tree(Path.of(place), place.substring(1));
    }

    /** A file of the tree by its text. */
    public Rootfs file(String path, String text) {
        try {
            Path file = directory.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void directory(String name) {
        try {
            Files.createDirectories(directory.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.createDirectories(to.getParent());
            Files.copy(
                    from.toRealPath(),
                    to,
                    StandardCopyOption.REPLACE_EXISTING,
                    StandardCopyOption.COPY_ATTRIBUTES);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
