package io.sallyport.sync.source;

import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.uplink.Uplink;
import java.nio.file.Path;
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
     * @param namespace of Kubernetes, whose pods may name some orgs and no other; null for a
     *     session that somebody starts who may start any
     * @throws Refused with a sentence for the caller
     * @throws java.io.IOException if the source cannot be read; the session is refused as well
     */
    Snapshot pull(String org, @Nullable String agent, @Nullable String namespace)
            throws Refused, java.io.IOException;

    /** For a session that is no pod's. */
    default Snapshot pull(String org, @Nullable String agent) throws Refused, java.io.IOException {
        return pull(org, agent, null);
    }

    /**
     * The settings of the embedded store.
     *
     * @param store is closed with the source
     */
    static PolicySource of(OrgStore store, Presets presets) {
        return new StoredSettings(store, presets);
    }

    /**
     * A YAML file that people write, read again at each pull.
     *
     * @param file need not exist before the first pull
     */
    static PolicySource of(Path file, Presets presets) {
        return new PolicyFile(file, presets);
    }

    /**
     * A control server, or a settings service that answers {@code GET /v1/orgs/ORG/policy} as one
     * does: asked at each start of a session, for 2 s in all.
     *
     * @throws java.io.IOException if a file of it cannot be read
     */
    static PolicySource http(Uplink.Config config) throws java.io.IOException {
        return new HttpSettings(Uplink.open(config));
    }

    @Override
    default void close() {}
}
