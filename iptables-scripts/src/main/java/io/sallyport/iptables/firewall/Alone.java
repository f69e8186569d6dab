package io.sallyport.iptables.firewall;

import io.sallyport.iptables.apply.Tools.ToolException;
import io.sallyport.iptables.firewall.Firewall.FirewallException;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/** Work on what is in force: one at a time, none after the end, one kind of refusal. */
final class Alone {
    private final ReentrantLock lock = new ReentrantLock();
    private final Force force;
    private boolean closed;

    Alone(Force force) {
        this.force = force;
    }

    Lock lock() {
        return lock;
    }

    void turn(Runnable work) {
        turn(() -> {
            work.run();
            return true;
        });
    }

    <T> T turn(Supplier<T> work) {
        lock.lock();
        try {
            if (closed) {
                throw new FirewallException(
                        "the firewall of installation " + force.base.id() + " is closed");
            }
            return guarded(work);
        } finally {
            lock.unlock();
        }
    }

    static <T> T guarded(Supplier<T> work) {
        try {
            return work.get();
        } catch (ToolException e) {
            throw new FirewallException(String.valueOf(e.getMessage()), e);
        } catch (UncheckedIOException e) {
            throw new FirewallException(
                    "netlink: " + e.getMessage() + "; CAP_NET_ADMIN is needed", e);
        }
    }

    void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                force.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
