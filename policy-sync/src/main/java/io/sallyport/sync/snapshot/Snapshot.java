package io.sallyport.sync.snapshot;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.policy.Policy;
import java.util.List;

/**
 * The frozen policy of one session: canonical JSON, named by the SHA-256 of its octets. Never
 * changes.
 *
 * @param digest 64 lower-case hexadecimal digits
 * @param json the canonical text: keys sorted, no white space, UTF-8
 */
public record Snapshot(String digest, String json) {

    /**
     * Reads and validates a snapshot as a policy source or a journal holds it, and makes it
     * canonical.
     *
     * @throws IllegalArgumentException with the field and the fix
     */
    public static Snapshot parse(String json) {
        throw new UnsupportedOperationException();
    }

    public String org() {
        throw new UnsupportedOperationException();
    }

    /** One of none, connections, package-managers, common-dependencies, all. */
    public String level() {
        throw new UnsupportedOperationException();
    }

    /** Whether internet access is on at all. */
    public boolean internet() {
        throw new UnsupportedOperationException();
    }

    /** The settings version it was made from. */
    public long version() {
        throw new UnsupportedOperationException();
    }

    /** Private blocks of named internal domains. */
    public List<Cidr> internalBlocks() {
        throw new UnsupportedOperationException();
    }

    /** The compiled policy; compiled once for each digest. */
    public Policy policy() {
        throw new UnsupportedOperationException();
    }
}
