package io.sallyport.sync.admission;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRules;
import io.helidon.webserver.http.HttpService;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sallyport.sync.claim.Claim;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers a cluster's API server about pods. */
public final class Admission implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(Admission.class);

    public static final String PATH = "/webhook/pods";

    /** A pod, and what it was before: an API server takes 1.5 MB of each. */
    private static final int MOST_OCTETS = 4 << 20;

    /** Bodies that are held at a time. */
    private static final int AT_ONCE = 16;

    /** An API server waits for ten seconds by default. */
    private static final Duration TURN = Duration.ofSeconds(4);

    /**
     * What is done to pods.
     *
     * @param nameServers what their resolv.conf names
     * @param runtimeClass what runs those that name none; empty: the cluster's own
     * @param keys where they say whose they are
     * @param poolKeys labels of pods that wait for somebody to claim them: they are given no org
     * @param clientCa who vouches for the API server's certificate; empty: anybody may ask
     */
    public record Config(
            List<InetAddress> nameServers,
            Optional<String> runtimeClass,
            Claim.Keys keys,
            List<String> poolKeys,
            Optional<Path> clientCa) {
        public Config {
            nameServers = List.copyOf(nameServers);
            poolKeys = List.copyOf(poolKeys);
        }

        /** What a section without keys means. */
        public static Config usual() {
            return read(Document.yaml("{}"));
        }

        /** Reads {@code webhook:} of a configuration file. */
        public static Config read(Document document) {
            return ConfigReading.read(document);
        }
    }

    private final Config config;
    private final Judge judge;
    private final Semaphore room = new Semaphore(AT_ONCE);

    public Admission(Config config, Database database, InstantSource clock) {
        this.config = config;
        this.judge =
                new Judge(config, OrgStore.of(database, clock), new SessionIds(database, clock));
    }

    @Override
    public void routing(HttpRules rules) {
        rules.post(PATH, this::review);
    }

    private void review(ServerRequest request, ServerResponse response) {
        try {
            if (config.clientCa().isPresent() && request.remotePeer().tlsCertificates().isEmpty()) {
                // A certificate of somebody else ends the handshake.
                complain(response, Status.FORBIDDEN_403, "show the API server's certificate");
            } else if (!room.tryAcquire(TURN.toMillis(), TimeUnit.MILLISECONDS)) {
                complain(response, Status.SERVICE_UNAVAILABLE_503, "too many at once; try again");
            } else {
                try {
                    answer(request, response);
                } finally {
                    room.release();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            complain(response, Status.SERVICE_UNAVAILABLE_503, "the server stops");
        }
    }

    private void answer(ServerRequest request, ServerResponse response) {
        try {
            Review review = Review.read(body(request));
            json(response, Status.OK_200, review.answer(judge.judge(review)));
        } catch (IllegalArgumentException e) {
            complain(response, Status.BAD_REQUEST_400, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.warn("a pod could not be judged: {}", e.getMessage());
            complain(
                    response,
                    Status.SERVICE_UNAVAILABLE_503,
                    "the store cannot be used now; the server's log says why");
        } catch (RuntimeException e) {
            LOG.error("a pod could not be judged", e);
            complain(response, Status.INTERNAL_SERVER_ERROR_500, "an error on our side");
        }
    }

    private static byte[] body(ServerRequest request) {
        boolean json =
                request.headers()
                        .contentType()
                        .map(type -> type.mediaType().text().equals("application/json"))
                        .orElse(false);
        if (!json || !request.content().hasEntity()) {
            throw new IllegalArgumentException("send an AdmissionReview as application/json");
        }
        byte[] octets;
        try (InputStream in = request.content().inputStream()) {
            octets = in.readNBytes(MOST_OCTETS + 1);
            if (octets.length > MOST_OCTETS) {
                skip(in); // who is still sending cannot read why
            }
        } catch (IOException e) {
            throw new IllegalArgumentException("the body broke off", e);
        }
        if (octets.length > MOST_OCTETS) {
            throw new IllegalArgumentException(
                    "the body is too large; at most " + MOST_OCTETS + " octets are read");
        }
        return octets;
    }

    private static void skip(InputStream in) throws IOException {
        byte[] buffer = new byte[1 << 13];
        int left = MOST_OCTETS;
        for (int read = in.read(buffer); read > 0 && left > 0; read = in.read(buffer)) {
            left -= read;
        }
    }

    private static void complain(ServerResponse response, Status status, String detail) {
        response.header(HeaderNames.CONNECTION, "close"); // of the body nobody knows the end
        json(
                response.header(HeaderNames.CONTENT_TYPE, "application/problem+json"),
                status,
                Document.canonical(
                        Map.of(
                                "type",
                                "about:blank",
                                "title",
                                status.reasonPhrase(),
                                "status",
                                status.code(),
                                "detail",
                                detail)));
    }

    private static void json(ServerResponse response, Status status, String text) {
        if (!response.headers().contains(HeaderNames.CONTENT_TYPE)) {
            response.header(HeaderNames.CONTENT_TYPE, "application/json");
        }
        response.status(status)
                .header(HeaderNames.CACHE_CONTROL, "no-store")
                .header("X-Content-Type-Options", "nosniff")
                .send(text.getBytes(StandardCharsets.UTF_8));
    }
}
