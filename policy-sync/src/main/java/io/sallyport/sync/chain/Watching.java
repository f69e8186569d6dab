package io.sallyport.sync.chain;

import io.sallyport.sync.chain.Chain.Found;
import io.sallyport.sync.chain.Chain.Nothing;
import io.sallyport.sync.chain.Chain.There;
import io.sallyport.sync.chain.Chain.Written;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;

/** Keeps us in the chain. One thread's. */
final class Watching {
    /** For what no event tells: a directory that was not there, a file system without events. */
    private static final long LOOK_MILLIS = 1000;

    /** A report that is older than some of these is nobody's any more. */
    private static final long REPORT_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final Chain chain;
    private final Path directory;
    private final Path report;
    private final Consumer<String> told;
    private String last = "";
    private boolean present;
    private boolean wasPresent;
    private long repairs;
    private long reported;

    Watching(Chain chain, Path directory, Path report, Consumer<String> told) {
        this.chain = chain;
        this.directory = directory;
        this.report = report;
        this.told = told;
    }

    void run() throws IOException {
        try (WatchService events = directory.getFileSystem().newWatchService()) {
            @Nullable WatchKey key = null;
            while (!Thread.currentThread().isInterrupted()) {
                if (key == null || !key.isValid()) {
                    key = registered(events);
                }
                look();
                WatchKey changed = events.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (changed != null) {
                    changed.pollEvents();
                    changed.reset();
                }
            }
        } catch (InterruptedException | ClosedWatchServiceException e) {
            Thread.currentThread().interrupt(); // that is how it ends
        }
    }

    private @Nullable WatchKey registered(WatchService events) {
        try {
            return directory.register(
                    events,
                    StandardWatchEventKinds.ENTRY_CREATE,
                    StandardWatchEventKinds.ENTRY_MODIFY,
                    StandardWatchEventKinds.ENTRY_DELETE);
        } catch (IOException e) {
            return null; // it is looked at each second
        }
    }

    private void look() {
        boolean before = present;
        String now;
        try {
            now = sentence(chain.install());
        } catch (IOException e) {
            present = false;
            now = "cannot put the plugin in place: " + e.getMessage();
        }
        if (!now.equals(last)) {
            told.accept(now);
            last = now;
        }
        if (before != present || System.nanoTime() - reported > REPORT_NANOS || reported == 0) {
            report();
        }
    }

    private String sentence(Found found) {
        switch (found) {
            case There(Path file) -> {
                present = true;
                wasPresent = true;
                return "the plugin is in " + file;
            }
            case Written(Path file) -> {
                present = true;
                if (wasPresent) {
                    repairs++;
                    told.accept("somebody rewrote " + file + "; the plugin's entry is put back");
                    reported = 0;
                }
                wasPresent = true;
                return "the plugin is in " + file;
            }
            case Nothing(String why) -> {
                present = false;
                return "waiting: " + why;
            }
        }
    }

    /** Its user has no right over the node's socket, and the node none over this directory. */
    private void report() {
        String text =
                JsonNodeFactory.instance
                                .objectNode()
                                .put("format", 1)
                                .put("present", present)
                                .put("repairs", repairs)
                        + "\n";
        try {
            Files.createDirectories(report.resolveSibling("."));
            Swap.in(report, text.getBytes(StandardCharsets.UTF_8), "rw-r--r--");
            reported = System.nanoTime();
        } catch (IOException e) {
            told.accept("cannot report to the node: " + e.getMessage());
            reported = System.nanoTime();
        }
    }
}
