package io.sallyport.sync.source;

import io.sallyport.sync.snapshot.Snapshot;
import org.jspecify.annotations.Nullable;

/** Where a session's policy is pulled from, once, at its start. */
public interface PolicySource extends AutoCloseable {

    /**
     * The source answered, and the answer is no: unknown org, agent without code execution, invalid
     * policy.
     */
    final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    /**
     * The org's current policy, frozen.
     *
     * @param agent whose code-execution switch counts; null for none
     * @throws Refused with a sentence for the caller
     * @throws java.io.IOException if the source cannot be read; the session is refused as well
     */
    Snapshot pull(String org, @Nullable String agent) throws Refused, java.io.IOException;

    @Override
    default void close() {}
}
