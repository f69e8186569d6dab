package io.sallyport.sync.emergency;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.pattern.DomainPattern.Scope;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.document.Document.Fields;
import io.sallyport.sync.settings.Settings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A list of emergency denials.
 *
 * @param version of the list at its source; 0 where there never was one
 * @param problems what of it could not be taken as it is, one sentence each. Such an entry is not
 *     passed over: it closes every name to those whom it concerns
 */
public record Emergencies(long version, List<Denial> denied, List<String> problems) {
    /** 2 MB a node; a control server takes fewer. More is a policy and belongs into one. */
    public static final int MOST = 16_384;

    /** As long as an answer of the control server may be. */
    private static final long MAX_OCTETS = 8 << 20;

    /** Before anybody denied anything. */
    public static final Emergencies NONE = new Emergencies(0, List.of(), List.of());

    /** What stands for an entry that cannot be read: the root and all below it. */
    public static final DomainPattern EVERY_NAME =
            new DomainPattern(Scope.AT_OR_BELOW, WireName.ROOT, List.of());

    private static final String EVERY_NAME_TEXT = ".";

    /**
     * One entry.
     *
     * @param org whose sessions it concerns; null for all of them
     */
    public record Denial(DomainPattern pattern, @Nullable String org) {}

    public Emergencies {
        denied = List.copyOf(denied);
        problems = List.copyOf(problems);
    }

    /** A list as it is, within bounds. */
    public static Emergencies of(long version, Collection<Denial> denied) {
        Gathering gathering = new Gathering();
        denied.forEach(gathering::add);
        return gathering.list(version);
    }

    /** What of it concerns an org, for its policy. */
    public List<Policy.Entry> of(String org) {
        return denied.stream()
                .filter(denial -> denial.org() == null || denial.org().equals(org))
                .map(denial ->
                        new Policy.Entry(
                                denial.pattern(), denial.org() == null ? "platform" : "org " + org))
                .distinct()
                .toList();
    }

    /**
     * Reads {@code {"version":n,"denied":[{"pattern","org"}]}}; other keys say nothing.
     *
     * @throws IllegalArgumentException if it is nothing of the kind
     */
    public static Emergencies read(Document document) {
        Fields fields = document.fields();
        long version = fields.required("version").number(0, Long.MAX_VALUE);
        List<Document> items = fields.required("denied").items();
        Gathering gathering = new Gathering();
        for (Document item : items) {
            try {
                gathering.add(denial(item));
            } catch (IllegalArgumentException e) {
                gathering.close(org(item), String.valueOf(e.getMessage()));
            }
        }
        return gathering.list(version);
    }

    private static Denial denial(Document item) {
        Fields fields = item.fields();
        Document pattern = fields.required("pattern");
        return new Denial(
                pattern.isText() && pattern.text().equals(EVERY_NAME_TEXT)
                        ? EVERY_NAME
                        : pattern.textAs(DomainPattern::parse),
                fields.optional("org")
                        .filter(org -> !org.isNothing())
                        .map(org -> org.textAs(Settings::org))
                        .orElse(null));
    }

    /** Whom an entry concerns that cannot be read; null for everybody, also in doubt. */
    private static @Nullable String org(Document item) {
        try {
            return item.fields()
                    .optional("org")
                    .filter(org -> !org.isNothing())
                    .map(org -> org.textAs(Settings::org))
                    .orElse(null);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /**
     * What {@link #save} kept.
     *
     * @throws IOException if there is something that cannot be read
     */
    public static Emergencies load(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_OCTETS) {
                throw new IOException(file + " is longer than " + MAX_OCTETS + " octets");
            }
            return read(Document.json(Files.readString(file)));
        } catch (NoSuchFileException e) {
            return NONE;
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    file
                            + ": "
                            + e.getMessage()
                            + "; mend it, or remove it to start without emergency denials",
                    e);
        }
    }

    /**
     * Keeps the list for the next start; on disk when this returns. One with problems is kept
     * without its version, so that it is asked for again.
     */
    public void save(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel channel =
                FileChannel.open(
                        fresh,
                        Set.of(
                                StandardOpenOption.CREATE,
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING),
                        PosixFilePermissions.asFileAttribute(
                                PosixFilePermissions.fromString("rw-------")))) {
            ByteBuffer octets =
                    ByteBuffer.wrap(
                            Document.canonical(document()).getBytes(StandardCharsets.UTF_8));
            while (octets.hasRemaining()) {
                channel.write(octets);
            }
            channel.force(true);
        }
        Files.move(
                fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory =
                FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }

    private Map<String, Object> document() {
        List<Object> entries = new ArrayList<>();
        for (Denial denial : denied) {
            Map<String, Object> entry = new TreeMap<>();
            entry.put(
                    "pattern",
                    denial.pattern().equals(EVERY_NAME)
                            ? EVERY_NAME_TEXT
                            : denial.pattern().toString());
            if (denial.org() != null) {
                entry.put("org", denial.org());
            }
            entries.add(entry);
        }
        return Map.of("version", problems.isEmpty() ? version : 0L, "denied", entries);
    }
}
