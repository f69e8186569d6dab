package io.sallyport.sync.cni;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Threads that wait for others, and nothing else: only there may they be interrupted. From an end
 * on nobody waits any more, until it begins again.
 */
final class Waiting {
    /** What is waited for. */
    interface Decision<T> {
        T taken() throws Cni.Refused, IOException;
    }

    private final Set<Thread> threads = new HashSet<>();
    private boolean ended;

    <T> T during(Decision<T> decision) throws Cni.Refused, IOException {
        begin();
        try {
            return decision.taken();
        } finally {
            done();
        }
    }

    private synchronized void begin() {
        threads.add(Thread.currentThread());
        if (ended) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void done() {
        threads.remove(Thread.currentThread());
        boolean _ = Thread.interrupted(); // what is left to do is to be done
    }

    synchronized void again() {
        ended = false;
    }

    synchronized void end() {
        ended = true;
        threads.forEach(Thread::interrupt);
    }
}
