package io.sallyport.sync.source;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import io.sallyport.sync.uplink.Uplink;
import io.sallyport.sync.uplink.Uplink.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Pulls from a control server, or from a settings service that answers like one. */
final class HttpSettings implements PolicySource {
    /** A session waits for this: whoever starts it rather hears that it cannot. */
    private static final Duration WITHIN = Duration.ofSeconds(2);

    /** One try of several, so that a lost connection does not take all of the time. */
    private static final Duration TRY = Duration.ofMillis(900);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int OK = 200;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

    /** A sentence; what is longer is none. */
    private static final int MAX_DETAIL = 300;

    /** Whose pods may name the org, by the server's word; {@code control} sends it. */
    private static final String NAMESPACE = "Sallyport-Namespace";

    /** A strong validator that is a digest, as the control server sends it. */
    private static final Pattern DIGEST = Pattern.compile("\"([0-9a-f]{64})\"");

    private final Uplink uplink;

    HttpSettings(Uplink uplink) {
        this.uplink = uplink;
    }

    @Override
    public Snapshot pull(String org, @Nullable String agent, @Nullable String namespace)
            throws Refused, IOException {
        try {
            List<String> query = new ArrayList<>();
            if (agent != null) {
                query.add("agent=" + encoded(Settings.agent(agent)));
            }
            if (namespace != null) {
                query.add("namespace=" + encoded(Mapping.namespace(namespace)));
            }
            String path = "/v1/orgs/" + encoded(Settings.org(org)) + "/policy";
            Answer answer = ask(query.isEmpty() ? path : path + "?" + String.join("&", query));
            Snapshot snapshot = read(org, agent, answer);
            if (namespace != null && !answer.header(NAMESPACE).equals(namespace)) {
                throw unasked(org, namespace);
            }
            return snapshot;
        } catch (IllegalArgumentException e) {
            throw Reasons.refused(e);
        }
    }

    /** A server that is restarted, or busy, is asked again as long as there is time. */
    private Answer ask(String path) throws IOException {
        long end = System.nanoTime() + WITHIN.toNanos();
        Duration pause = PAUSE;
        while (true) {
            long left = end - System.nanoTime();
            try {
                Answer answer =
                        uplink.get(
                                path, Duration.ofNanos(Math.clamp(left, 1_000_000, TRY.toNanos())));
                if (!passes(answer.status()) || isLast(end, pause)) {
                    return answer;
                }
            } catch (IOException e) {
                if (isLast(end, pause) || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
            rest(pause);
            pause = pause.multipliedBy(2);
        }
    }

    /** Whether there is no time for a try that could tell more than the one before. */
    private static boolean isLast(long end, Duration pause) {
        return end - System.nanoTime() <= pause.toNanos() + PAUSE.toNanos();
    }

    private static boolean passes(int status) {
        return status == TOO_MANY || status >= SERVER_ERROR;
    }

    private void rest(Duration pause) throws IOException {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + uplink.name() + " was asked", e);
        }
    }

    private Snapshot read(String org, @Nullable String agent, Answer answer)
            throws Refused, IOException {
        if (answer.status() != OK) {
            throw refused(org, answer);
        }
        Snapshot snapshot;
        try {
            snapshot = Snapshot.parse(answer.body());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    uplink.name() + " sent a policy that cannot be read: " + e.getMessage(), e);
        }
        String made = snapshot.agent();
        if (!snapshot.org().equals(org) || (made != null && !made.equals(agent))) {
            throw new IOException(
                    uplink.name()
                            + " sent the policy of "
                            + (made == null ? "" : "agent " + made + " of ")
                            + "org "
                            + snapshot.org()
                            + " when it was asked for that of org "
                            + org);
        }
        Matcher digest = DIGEST.matcher(answer.header("ETag"));
        if (digest.matches() && !digest.group(1).equals(sha256(answer.body()))) {
            throw new IOException(
                    uplink.name()
                            + " sent a policy that is not the one of its ETag; it was cut or changed");
        }
        return snapshot;
    }

    /** A service that knows nothing of namespaces would give any pod any org. */
    private Refused unasked(String org, String namespace) {
        return new Refused(
                uplink.name()
                        + " does not say whether pods of namespace "
                        + namespace
                        + " may name org "
                        + org
                        + ": its answer has no header "
                        + NAMESPACE
                        + ": "
                        + namespace
                        + "; it is older than this node, or a service of your own that has to learn"
                        + " this (docs/policy-service.md)");
    }

    /** What a settings service says of the caller is an answer; the rest is its trouble. */
    private Refused refused(String org, Answer answer) throws IOException {
        int status = answer.status();
        if (status == UNAUTHORIZED) {
            throw new IOException(
                    uplink.name() + " does not take this node's token; put another into its file");
        }
        String detail = detail(answer.body());
        if (passes(status)) {
            throw new IOException(uplink.name() + " answers with status " + status + detail);
        }
        if (status < 400) {
            throw new IOException(
                    uplink.name() + " answers with status " + status + ", which is no policy");
        }
        return new Refused(
                detail.isEmpty()
                        ? status == NOT_FOUND
                                ? uplink.name() + " knows no org " + org
                                : uplink.name() + " refuses the session with status " + status
                        : detail.substring(2));
    }

    /** The sentence of a problem (RFC 9457) behind ": ", harmless in a log; empty without one. */
    private static String detail(String body) {
        try {
            String text =
                    Document.json(body)
                            .fields()
                            .optional("detail")
                            .filter(Document::isText)
                            .map(Document::text)
                            .orElse("");
            String clean = text.replaceAll("\\p{Cntrl}", " ").strip();
            return clean.isEmpty()
                    ? ""
                    : ": " + clean.substring(0, Math.min(clean.length(), MAX_DETAIL));
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    @Override
    public void close() {
        uplink.close();
    }
}
