package io.sallyport.sync.session;

import io.sallyport.sync.journal.Journal;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last ids of sessions that ended, or were told to end before they had begun: a start that was
 * on its way meanwhile, or is told again, begins none of them. Likewise the last pods whose session
 * was ended while they lived. Those are in the journal too: a pod outlives a restart of the node
 * and of its host, after which its sandbox is made again.
 */
final class Ends {
    /** An hour of a session a second; half a megabyte of the longest ids. */
    static final int MOST = 4096;

    private static final Logger LOG = LoggerFactory.getLogger(Ends.class);

    private final Journal journal;
    private final Set<String> ids = new LinkedHashSet<>();
    private final Set<String> pods = new LinkedHashSet<>();

    Ends(Journal journal) {
        this.journal = journal;
    }

    /** Knows again what it knew before a restart. */
    void restore() throws IOException {
        for (String uid : journal.endedPods()) {
            add(pods, uid).ifPresent(this::forget);
        }
    }

    void add(String id) {
        var _ = add(ids, id);
    }

    /**
     * On disk when this returns. Where that fails it is said, because the end itself matters more.
     *
     * @param uid of a pod, which is of one life of it
     */
    void addPod(String uid) {
        add(pods, uid).ifPresent(this::forget);
        try {
            journal.endPod(uid);
        } catch (IOException e) {
            LOG.error(
                    "pod uid={} may get another session after a restart of this node; delete it,"
                            + " for the end of its session cannot be written: {}",
                    uid,
                    e.getMessage());
        }
    }

    private void forget(String uid) {
        try {
            journal.forgetPod(uid);
        } catch (IOException e) {
            LOG.warn("pod uid={} is remembered for longer than need be: {}", uid, e.getMessage());
        }
    }

    /** The one that was forgotten for it, if any. */
    private synchronized Optional<String> add(Set<String> last, String id) {
        last.remove(id);
        Optional<String> oldest =
                last.size() < MOST ? Optional.empty() : Optional.of(last.iterator().next());
        oldest.ifPresent(last::remove);
        last.add(id);
        return oldest;
    }

    synchronized boolean has(String id) {
        return ids.contains(id);
    }

    synchronized boolean hasPod(String uid) {
        return pods.contains(uid);
    }
}
