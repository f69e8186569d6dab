package io.sallyport.sync.node;

import io.sallyport.sync.api.NodeApi;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The node's API, which closes and opens again. */
final class Office implements AutoCloseable {
    /** Opens it. */
    interface Door {
        NodeApi open() throws IOException;
    }

    private final Door door;
    private @Nullable NodeApi open;

    Office(Door door) throws IOException {
        this.door = door;
        this.open = door.open();
    }

    /** What was asked is answered first. */
    @Override
    public synchronized void close() throws IOException {
        NodeApi api = open;
        open = null;
        if (api != null) {
            api.close();
        }
    }

    synchronized void reopen() throws IOException {
        if (open == null) {
            open = door.open();
        }
    }
}
