package io.sallyport.sync.session;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * The last ids of sessions that ended, or were told to end before they had begun: a start that was
 * on its way meanwhile, or is told again, begins none of them.
 */
final class Ends {
    /** An hour of a session a second; half a megabyte of the longest ids. */
    static final int MOST = 4096;

    private final Set<String> ids = new LinkedHashSet<>();

    synchronized void add(String id) {
        ids.remove(id);
        if (ids.size() >= MOST) {
            ids.remove(ids.iterator().next());
        }
        ids.add(id);
    }

    synchronized boolean has(String id) {
        return ids.contains(id);
    }
}
