package io.sallyport.resolver.querylog;

import java.io.IOException;
import java.util.List;

/** Where entries go. Used by one thread, but for {@link #cut}. */
interface Sink {
    /** Opens what is not open, and again what was put in its place. */
    void attend() throws IOException;

    /** Writes all of them, or throws and has written none that a reader could take for whole. */
    void write(List<Entry> entries) throws IOException;

    /** Ends the stream and closes; does nothing where nothing is open. */
    void end();

    /** From any thread: whoever waits in it waits no more. */
    void cut();
}
