package io.sallyport.sync.handover;

import io.sallyport.resolver.listen.Listener.Handed;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node that runs, as the process that takes over from it sees it. */
final class Predecessor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Predecessor.class);

    /** Sessions that are being started or ended there go on to their end; so does a report. */
    private static final Duration YIELDS_WITHIN = Duration.ofSeconds(30);

    /** Its last answers take 4.8 s, its last report some more. */
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(12);

    private final Line line;
    private final CountDownLatch decided = new CountDownLatch(1);
    private volatile boolean closed;
    private long pid = -1;

    private Predecessor(Line line) {
        this.line = line;
    }

    static Predecessor connect(Path path) throws IOException {
        return new Predecessor(Line.connect(path));
    }

    /** Returns when it changes nothing any more. */
    void yields() throws IOException {
        line.write(Handover.TAKE_OVER);
        String answer = line.read(YIELDS_WITHIN);
        if (answer == null || !answer.startsWith(Handover.YOURS)) {
            throw new IOException(
                    "the node that runs does not hand over: "
                            + (answer == null ? "it has gone" : answer));
        }
        pid = Long.parseLong(answer.substring(Handover.YOURS.length()));
    }

    List<Handed> sockets() throws IOException {
        line.write(Handover.SOCKETS);
        return line.receive();
    }

    void serving() throws IOException {
        line.write(Handover.SERVING);
        decided.countDown();
    }

    /**
     * Until its process has ended; one that was told to and does not is ended. If this process
     * gives up, the other one lives on.
     *
     * @throws InterruptedException if this thread is to end
     */
    void awaitEnd() throws InterruptedException {
        decided.await();
        if (closed) {
            return;
        }
        try {
            var _ = line.read(ENDS_WITHIN);
        } catch (IOException e) {
            if (!closed) {
                LOG.error("the node before this one, pid={}, does not end; it is killed", pid);
                // From another container its number is another's here, or ours.
                ProcessHandle.of(pid)
                        .filter(process -> process.pid() != ProcessHandle.current().pid())
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }
    }

    /** Until it has gone, however long that takes. */
    void awaitDeath() throws IOException {
        var _ = line.read(Line.EVER);
    }

    @Override
    public void close() {
        closed = true;
        decided.countDown();
        line.close();
    }
}
