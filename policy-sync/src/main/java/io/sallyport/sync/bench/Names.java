package io.sallyport.sync.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * What is asked, and the zone that answers it. Every name of the zone exists, denied ones too, so
 * that a denied name that got through would be seen.
 */
final class Names {
    /** What a workload asks. */
    enum Kind {
        /** 10,000 names that the allow-list does not have. */
        DENIED,
        /** 1,000 allowed names, again and again. */
        CACHED,
        /** 60 % cached, 30 % denied, 10 % cold. */
        MIXED,
        /** Allowed names that nobody asked before. */
        COLD,
        /** Half denied, half cached, over the whole allow-list. */
        LISTED
    }

    private static final int DENIED = 10_000;
    private static final int CACHED = 1000;

    /** Each wildcard has an address of its own: 1,000 below each of the first ten domains. */
    private static final int WILDCARDS = 1000;

    private static final int WILDCARD_DOMAINS = 10;

    private static final int LABEL = 12;

    private final Path directory;
    private final Random random = new Random(53);
    private int files;

    Names(Path directory) {
        this.directory = directory;
    }

    /** One domain of the allow-list, itself and all below it. */
    static String domain(int index) {
        return "d" + index + ".example.com";
    }

    /** A file of names, one {@code name A} a line; each call's cold names are new. */
    Path write(Kind kind, int patterns, int count) throws IOException {
        Path file = directory.resolve("names-" + files++);
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            for (int i = 0; i < count; i++) {
                out.write(name(kind, patterns, i));
                out.write(" A\n");
            }
        }
        return file;
    }

    private String name(Kind kind, int patterns, int index) {
        return switch (kind) {
            case DENIED -> "n" + index % DENIED + ".c" + index % WILDCARDS + ".other.example.com";
            case CACHED -> cached(index % CACHED, patterns);
            case COLD -> cold();
            case MIXED ->
                    switch (index % 10) {
                        case 1, 4, 7 -> name(Kind.DENIED, patterns, random.nextInt(DENIED));
                        case 9 -> cold();
                        default -> cached(random.nextInt(CACHED), patterns);
                    };
            case LISTED ->
                    index % 2 == 0
                            ? cached(index / 2 % CACHED, patterns)
                            : name(Kind.DENIED, patterns, index / 2);
        };
    }

    /** Spread evenly over the allow-list. */
    private static String cached(int index, int patterns) {
        long domain = (long) index * patterns / CACHED;
        return "w" + index + ".c" + index % WILDCARDS + "." + domain((int) domain);
    }

    /** The z tells the spreader that it may change the letters after it. */
    private String cold() {
        StringBuilder name = new StringBuilder("z");
        for (int i = 0; i < LABEL; i++) {
            name.append((char) ('a' + random.nextInt(26)));
        }
        name.append(".c").append(random.nextInt(WILDCARDS)).append('.');
        return name.append(domain(random.nextInt(WILDCARD_DOMAINS))).toString();
    }

    /** Writes the zone of the upstream. */
    static void writeZone(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            out.write(
                    """
                    $ORIGIN example.com.
                    $TTL 86400
                    @ SOA ns nobody 1 3600 600 86400 60
                    @ NS ns
                    ns A 93.184.216.1
                    * A 93.184.216.34
                    """);
            for (int domain = 0; domain < WILDCARD_DOMAINS; domain++) {
                for (int i = 0; i < WILDCARDS; i++) {
                    out.write(
                            "*.c%d.d%d A 93.%d.%d.%d%n"
                                    .formatted(i, domain, 100 + domain, i / 250, i % 250 + 1));
                }
            }
        }
    }
}
