package io.sallyport.sync.control;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.replay.Replay;
import io.sallyport.sync.replay.Replay.Answer;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/** A request that is sent twice with one Idempotency-Key is carried out once. */
final class Repeats {
    private static final Logger LOG = LoggerFactory.getLogger(Repeats.class);

    private static final HeaderName KEY = HeaderNames.create("Idempotency-Key");

    private final Replay replay;

    Repeats(Replay replay) {
        this.replay = replay;
    }

    /** Carries a request out. */
    interface Work {
        Reply run() throws Problem, Refusal, IOException;
    }

    Reply once(Call call, byte[] body, Work work) throws Problem, Refusal, IOException {
        String key = call.header(KEY).orElse("");
        boolean kept = call.endpoint().method().equals("POST") && !call.endpoint().reads();
        if (key.isEmpty() || !kept || call.endpoint() == Endpoint.REPORT) {
            return work.run();
        }
        return switch (replay.begin(call.holder().id(), key, digest(call, body))) {
            case Replay.Begun.New _ -> first(call, key, work);
            case Replay.Begun.Running _ ->
                    throw Problem.of(
                                    Status.CONFLICT_409,
                                    "a request with this Idempotency-Key is being carried out; wait"
                                            + " 1 s and send it again")
                            .header("Retry-After", "1");
            case Replay.Begun.Different _ ->
                    throw Problem.invalid(
                            "Idempotency-Key",
                            "this Idempotency-Key was used for another request; use a new one");
            case Replay.Begun.Answered(Answer answer) -> again(answer);
        };
    }

    private Reply first(Call call, String key, Work work) throws Problem, Refusal, IOException {
        String holder = call.holder().id();
        boolean done = false;
        try {
            Reply reply = work.run();
            done = true;
            keep(holder, key, reply);
            return reply;
        } finally {
            if (!done) {
                replay.forget(holder, key);
            }
        }
    }

    /** The change is made; that its answer is not kept must not make it look as if it were not. */
    private void keep(String holder, String key, Reply reply) {
        try {
            replay.finish(
                    holder,
                    key,
                    new Answer(
                            reply.status().code(),
                            reply.headers().getOrDefault("Location", ""),
                            withoutSecret(reply)));
        } catch (IOException e) {
            LOG.warn("an answer could not be kept for its Idempotency-Key: {}", e.getMessage());
        }
    }

    /** A secret is shown once, and a store that leaks must not give it away. */
    private static String withoutSecret(Reply reply) {
        if (reply.body() instanceof Reply.Body.Whole whole && whole.octets().length > 0) {
            ObjectNode body = Json.read(new String(whole.octets(), StandardCharsets.UTF_8));
            body.remove(TokenRoutes.SECRET);
            return body.toString();
        }
        return "";
    }

    private static Reply again(Answer answer) {
        Reply reply =
                Reply.of(
                                Status.create(answer.status()),
                                answer.body().isEmpty() ? "" : "application/json",
                                answer.body().getBytes(StandardCharsets.UTF_8))
                        .with("Idempotency-Replayed", "true");
        if (!answer.location().isEmpty()) {
            reply = reply.with("Location", answer.location());
        }
        boolean versioned = !answer.body().isEmpty() && Json.read(answer.body()).has("version");
        return versioned ? reply.etag(Json.read(answer.body()).get("version").asString()) : reply;
    }

    private static String digest(Call call, byte[] body) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(call.line().getBytes(StandardCharsets.UTF_8));
            sha.update((byte) 0);
            return HexFormat.of().formatHex(sha.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
