package io.sallyport.sync.token;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Event;
import io.sallyport.sync.token.Tokens.Token;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Tokens as the audit trail tells of them: never their secrets, nor hashes of them. */
final class Events {
    private Events() {}

    static Event created(Token token, Author by) {
        Map<String, Object> details = new TreeMap<>();
        details.put("name", token.holder().name());
        details.put("role", token.holder().role().text());
        details.put("expires", token.expires().map(Instant::toString).orElse("never"));
        token.holder().node().ifPresent(node -> details.put("node", node));
        return new Event(by, token.holder().org(), "token.create", token.holder().id(), details);
    }

    static Event revoked(Token token, Author by) {
        return new Event(
                by,
                token.holder().org(),
                "token.revoke",
                token.holder().id(),
                Map.of("name", token.holder().name(), "role", token.holder().role().text()));
    }
}
