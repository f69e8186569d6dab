package io.sallyport.sync.cni;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.cni.Fault.Code;
import io.sallyport.sync.underway.UnderWay;
import java.io.Closeable;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The plugin's socket, mode 0600. One of its own: the directory that it is in is shared with the
 * host, its bodies are larger, and a burst of pods must keep nobody from the node's API.
 */
final class Door implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(Door.class);

    /** A configuration of 1 MiB, as the plugin has it, and some variables. */
    private static final long MAX_BODY_OCTETS = (1 << 20) + 32 * 1024;

    /** A kubelet starts tens of pods at once; a call holds a few kilobytes. */
    private static final int MAX_CALLS = 256;

    static final Duration LAST_CALLS = Duration.ofSeconds(5);
    private static final Duration LAST_OCTETS = Duration.ofMillis(100);
    private static final Status UNPROCESSABLE = Status.create(422, "Unprocessable Content");

    private final Attachments attachments;
    private final Tally tally;
    private final UnderWay calls = new UnderWay();
    private final Duration lastCalls;
    private final Path bound;
    private final WebServer server;

    private Door(Path socket, Attachments attachments, Tally tally, Duration lastCalls) {
        this.lastCalls = lastCalls;
        this.attachments = attachments;
        this.tally = tally;
        // Renamed when it listens: whoever calls meanwhile reaches who was there before.
        this.bound =
                socket.resolveSibling(socket.getFileName() + "." + ProcessHandle.current().pid());
        this.server =
                WebServer.builder()
                        .bindAddress(UnixDomainSocketAddress.of(bound))
                        .shutdownGracePeriod(LAST_OCTETS)
                        .maxPayloadSize(MAX_BODY_OCTETS)
                        .maxConcurrentRequests(MAX_CALLS)
                        .shutdownHook(false)
                        .routing(routing -> routing.post("/v1/cni", this::counted))
                        .build();
    }

    /**
     * @param lastCalls how long those are waited for that have come before it is closed
     */
    static Door open(Path socket, Attachments attachments, Tally tally, Duration lastCalls)
            throws IOException {
        Path directory = socket.toAbsolutePath().getParent();
        Files.createDirectories(
                directory,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Set<PosixFilePermission> may = Files.getPosixFilePermissions(directory);
        if (may.contains(PosixFilePermission.GROUP_WRITE)
                || may.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(
                    "others may write into "
                            + directory
                            + " and so swap the CNI socket; run chmod go-w on it or name another place"
                            + " with --cni-socket");
        }
        attachments.resume();
        Door door = new Door(socket, attachments, tally, lastCalls);
        try {
            door.listen(socket);
        } catch (IOException | RuntimeException e) {
            door.close();
            throw new IOException(
                    "cannot serve on "
                            + socket
                            + ": "
                            + e.getMessage()
                            + "; --cni-socket names another",
                    e);
        }
        return door;
    }

    private void listen(Path socket) throws IOException {
        Files.deleteIfExists(bound);
        server.start();
        if (!server.isRunning()) {
            throw new IOException("it is taken");
        }
        Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString("rw-------"));
        Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
    }

    private void counted(ServerRequest request, ServerResponse response) {
        calls.begin();
        try {
            serve(request, response);
        } finally {
            calls.end();
        }
    }

    private void serve(ServerRequest request, ServerResponse response) {
        Call call;
        try {
            call = Call.read(request.content().inputStream());
        } catch (Fault e) {
            tally.unreadable();
            refuse(response, e, Conf.VERSIONS.getLast());
            return;
        }
        try {
            String result = attachments.serve(call).map(Object::toString).orElse("");
            tally.answered(call.command());
            send(response, Status.OK_200, result);
        } catch (Fault e) {
            fail(response, call, e);
        } catch (RuntimeException e) {
            LOG.error("CNI {} of container {}", call.command(), call.container(), e);
            fail(response, call, new Fault(Code.INTERNAL, "the node failed; its log says how"));
        }
    }

    private void fail(ServerResponse response, Call call, Fault fault) {
        tally.failed(call.command());
        LOG.warn(
                "CNI {} refused container={}: {}",
                call.command(),
                call.container(),
                fault.getMessage());
        refuse(response, fault, call.conf().version());
    }

    private static void refuse(ServerResponse response, Fault fault, String version) {
        send(
                response,
                fault.code().mayPass() ? Status.SERVICE_UNAVAILABLE_503 : UNPROCESSABLE,
                fault.document(version).toString());
    }

    private static void send(ServerResponse response, Status status, String body) {
        byte[] octets = body.getBytes(StandardCharsets.UTF_8);
        response.status(status).header(HeaderNames.CONTENT_TYPE, "application/json").send(octets);
    }

    /**
     * What has come is answered first.
     *
     * @throws IOException if that takes too long: closed all the same, but somebody still works on
     *     what another process is not to have yet
     */
    @Override
    public void close() throws IOException {
        attachments.hurry();
        boolean over = calls.awaitNone(lastCalls);
        server.stop();
        Files.deleteIfExists(bound);
        if (!over) {
            throw new IOException("calls of the container runtime are under way still");
        }
    }
}
