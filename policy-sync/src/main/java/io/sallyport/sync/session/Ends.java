package io.sallyport.sync.session;

import io.sallyport.sync.journal.Journal;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last ids of sessions that ended, or were told to end before they had begun: a start that was
 * on its way meanwhile, or is told again, begins none of them, also after a restart. Likewise the
 * last pods whose session was ended while they lived.
 */
final class Ends {
    private static final Logger LOG = LoggerFactory.getLogger(Ends.class);

    /** An hour of a session a second; half a megabyte of the longest ids. */
    static final int MOST = 4096;

    private static final String SESSION = "session ";
    private static final String POD = "pod ";

    private final Journal journal;
    private final Set<String> sessions = new LinkedHashSet<>();
    private final Set<String> pods = new LinkedHashSet<>();

    /** What the disk refused: written when it is told again. */
    private final Set<String> unwritten = ConcurrentHashMap.newKeySet();

    Ends(Journal journal) {
        this.journal = journal;
    }

    /** What the journal remembers, oldest first. */
    synchronized void restore(List<String> words) {
        for (String word : words) {
            if (word.startsWith(SESSION)) {
                isNew(sessions, word.substring(SESSION.length()));
            } else if (word.startsWith(POD)) {
                isNew(pods, word.substring(POD.length()));
            }
        }
    }

    /** Durable when it returns, if the disk lets it. */
    void add(String id) {
        if (isNew(sessions, id) || unwritten.contains(SESSION + id)) {
            write(SESSION + id);
        }
    }

    /**
     * @param uid of a pod, which is of one life of it
     */
    void addPod(String uid) {
        if (isNew(pods, uid) || unwritten.contains(POD + uid)) {
            write(POD + uid);
        }
    }

    /** The youngest now, told again or not. */
    private synchronized boolean isNew(Set<String> last, String id) {
        boolean known = last.remove(id);
        if (last.size() >= MOST) {
            last.remove(last.iterator().next());
        }
        last.add(id);
        return !known;
    }

    /** What cannot be written must not keep a session alive. */
    private void write(String word) {
        try {
            journal.end(word);
            unwritten.remove(word);
        } catch (IOException e) {
            if (unwritten.size() < MOST && unwritten.add(word)) {
                LOG.warn("{} has ended; the next start of this node will not know: {}", word, e);
            }
        }
    }

    synchronized boolean has(String id) {
        return sessions.contains(id);
    }

    synchronized boolean hasPod(String uid) {
        return pods.contains(uid);
    }
}
