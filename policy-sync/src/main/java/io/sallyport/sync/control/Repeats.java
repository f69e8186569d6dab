package io.sallyport.sync.control;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.sallyport.sync.access.Access.Endpoint;
import io.sallyport.sync.replay.Replay;
import io.sallyport.sync.replay.Replay.Answer;
import io.sallyport.sync.replay.Replay.Outcome;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import tools.jackson.databind.node.ObjectNode;

/** A request that is sent twice with one Idempotency-Key is carried out once. */
final class Repeats {
    private static final HeaderName KEY = HeaderNames.create("Idempotency-Key");

    private final Replay replay;

    Repeats(Replay replay) {
        this.replay = replay;
    }

    /** Carries a request out. */
    interface Work {
        Reply run() throws Problem, Refusal, IOException;
    }

    /** A problem on its way out of a change, which it undoes. */
    private static final class Carried extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Problem problem;

        Carried(Problem problem) {
            super(problem.getMessage(), problem, false, false);
            this.problem = problem;
        }
    }

    Reply once(Call call, byte[] body, Work work) throws Problem, Refusal, IOException {
        String key = call.header(KEY).orElse("");
        boolean kept = call.endpoint().method().equals("POST") && !call.endpoint().reads();
        if (key.isEmpty() || !kept || call.endpoint() == Endpoint.REPORT) {
            return work.run();
        }
        try {
            return told(
                    replay.once(
                            call.holder().id(),
                            key,
                            digest(call, body),
                            () -> carriedOut(work),
                            Repeats::answer));
        } catch (Carried carried) {
            throw carried.problem;
        }
    }

    private static Reply carriedOut(Work work) throws Refusal, IOException {
        try {
            return work.run();
        } catch (Problem problem) {
            throw new Carried(problem);
        }
    }

    private static Reply told(Outcome<Reply> outcome) throws Problem {
        return switch (outcome) {
            case Outcome.Done<Reply>(Reply reply) -> reply;
            case Outcome.Different<Reply> _ ->
                    throw Problem.invalid(
                            "Idempotency-Key",
                            "this Idempotency-Key was used for another request; use a new one");
            case Outcome.Answered<Reply>(Answer answer) -> again(answer);
        };
    }

    private static Answer answer(Reply reply) {
        return new Answer(
                reply.status().code(),
                reply.headers().getOrDefault("Location", ""),
                withoutSecret(reply));
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
