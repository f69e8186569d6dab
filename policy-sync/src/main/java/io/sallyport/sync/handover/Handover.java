package io.sallyport.sync.handover;

import io.sallyport.sync.handover.Turn.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The running node's side: listens for the process that takes over, and for those that stand by.
 *
 * <pre>
 *   next                     this node
 *   take-over            ─▶  ends API, repairs and reports; gives the lock back
 *                        ◀─  yours PID      (or: no REASON)
 *   sockets              ─▶
 *                        ◀─  the bound sockets
 *   serving              ─▶  reads no more, answers what it has read, ends
 * </pre>
 *
 * A next process that goes away before it serves leaves everything to this one, as before.
 */
final class Handover implements AutoCloseable {
    static final String TAKE_OVER = "take-over";
    static final String SOCKETS = "sockets";
    static final String SERVING = "serving";
    static final String YOURS = "yours ";

    private static final Logger LOG = LoggerFactory.getLogger(Handover.class);

    /** One takes over, a few stand by. */
    private static final int MOST_CALLERS = 8;

    private final Line listening;
    private final Running node;
    private final Set<Line> callers = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable Line> next = new AtomicReference<>();

    private Handover(Line listening, Running node) {
        this.listening = listening;
        this.node = node;
    }

    /**
     * @param path of the Unix socket
     */
    static Handover serve(Path path, Running node) throws IOException {
        Files.deleteIfExists(path);
        Handover handover = new Handover(Line.listen(path), node);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        Thread.ofPlatform().daemon().name("handover").start(handover::accept);
        return handover;
    }

    private void accept() {
        try {
            while (true) {
                Line caller = listening.accept();
                if (callers.size() >= MOST_CALLERS) {
                    caller.close();
                    continue;
                }
                callers.add(caller);
                Thread.ofPlatform().daemon().name("handover").start(() -> serve(caller));
            }
        } catch (IOException e) {
            LOG.debug("no more handovers: {}", e.getMessage());
        }
    }

    private void serve(Line caller) {
        try {
            String asked = caller.read(Line.EVER);
            while (asked != null) {
                answer(caller, asked);
                asked = caller.read(Line.EVER);
            }
        } catch (IOException e) {
            LOG.debug("a caller has gone: {}", e.getMessage());
        } finally {
            if (next.compareAndSet(caller, null)) {
                LOG.warn("the process that was to take over has gone; this one goes on");
                node.resume();
            }
            callers.remove(caller);
            caller.close();
        }
    }

    private void answer(Line caller, String asked) throws IOException {
        switch (asked) {
            case TAKE_OVER -> caller.write(makeWay(caller));
            case SOCKETS -> caller.send(node.sockets());
            case SERVING -> {
                if (next.compareAndSet(caller, null)) {
                    LOG.info("another process answers now; this one ends");
                    node.leave();
                    // The end of this process is what the other one waits for.
                }
            }
            default -> caller.write("no: \"" + asked + "\" is not understood");
        }
    }

    private String makeWay(Line caller) {
        if (!next.compareAndSet(null, caller)) {
            return "no: another process takes over just now";
        }
        try {
            node.makeWay();
            return YOURS + ProcessHandle.current().pid();
        } catch (IOException | RuntimeException e) {
            next.set(null);
            return "no: " + e.getMessage();
        }
    }

    /** Hears nobody any more. Callers notice when the process ends; the path may be another's. */
    @Override
    public void close() {
        listening.close();
    }
}
