package io.sallyport.sync.node;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Where the node is told what to do; closes and opens again. */
final class Office implements AutoCloseable {
    /** Opens one way in. */
    interface Door {
        Closeable open() throws IOException;
    }

    private final List<Door> doors;
    private final Deque<Closeable> open = new ArrayDeque<>();

    Office(List<Door> doors) throws IOException {
        this.doors = List.copyOf(doors);
        reopen();
    }

    /** What was asked is answered first. */
    @Override
    public synchronized void close() throws IOException {
        IOException failure = null;
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (IOException e) {
                failure = e;
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** All of them or none. */
    synchronized void reopen() throws IOException {
        if (!open.isEmpty()) {
            return;
        }
        try {
            for (Door door : doors) {
                open.push(door.open());
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }
}
