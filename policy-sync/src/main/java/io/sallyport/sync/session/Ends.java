package io.sallyport.sync.session;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The last ids of sessions that ended, or were told to end before they had begun: a start that was
 * on its way meanwhile, or is told again, begins none of them. Likewise the last pods whose session
 * was ended while they lived.
 */
final class Ends {
    /** An hour of a session a second; half a megabyte of the longest ids. */
    static final int MOST = 4096;

    private final Set<String> ids = new LinkedHashSet<>();
    private final Set<String> pods = new LinkedHashSet<>();

    synchronized void add(String id) {
        add(ids, id);
    }

    /**
     * @param uid of a pod, which is of one life of it
     */
    synchronized void addPod(String uid) {
        add(pods, uid);
    }

    private static void add(Set<String> last, String id) {
        last.remove(id);
        if (last.size() >= MOST) {
            last.remove(last.iterator().next());
        }
        last.add(id);
    }

    synchronized boolean has(String id) {
        return ids.contains(id);
    }

    synchronized boolean hasPod(String uid) {
        return pods.contains(uid);
    }
}
