package io.sallyport.sync.journal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes a file's content, or the names in a directory, durable, for all who wait by one call:
 * whoever comes while the disk is at work waits for the next one, which is one for all of them.
 */
final class Syncing {
    private final Path path;
    private long asked;
    private long done;
    private boolean working;

    Syncing(Path path) {
        this.path = path;
    }

    /** Returns when all that was changed before is on disk. */
    void sync() throws IOException {
        long upTo = turn();
        if (upTo == 0) {
            return;
        }
        boolean durable = false;
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            channel.force(true);
            durable = true;
        } finally {
            finished(durable ? upTo : 0);
        }
    }

    /** Up to whom the caller is to make durable; 0 if somebody did it meanwhile. */
    private synchronized long turn() {
        long mine = ++asked;
        boolean interrupted = false;
        while (working && done < mine) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // a file's channel would close under who interrupts it
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (done >= mine) {
            return 0;
        }
        working = true;
        return asked;
    }

    private synchronized void finished(long upTo) {
        working = false;
        done = Math.max(done, upTo);
        notifyAll();
    }
}
