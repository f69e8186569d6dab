package io.sallyport.sync.admission;

import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Ids of sessions that can be told from those that a pod makes up: an API server asks a second time
 * about a pod that another webhook has changed, perhaps another of several control servers. The key
 * is in the store that they share; whoever has it can make up ids of sessions, and nothing else.
 */
final class SessionIds {
    /** An API server is done with a pod in less. */
    private static final long FRESH_SECONDS = 60;

    private static final int RANDOM_OCTETS = 10;
    private static final int KEY_OCTETS = 32;
    private static final int MAC_DIGITS = 20;
    private static final int PARTS = 3;
    private static final String ALGORITHM = "HmacSHA256";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Database database;
    private final InstantSource clock;
    private volatile byte @Nullable [] key;

    SessionIds(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** One that was never there before. */
    String next(String namespace) throws IOException {
        byte[] random = new byte[RANDOM_OCTETS];
        RANDOM.nextBytes(random);
        String text = Long.toString(now(), 36) + "-" + HexFormat.of().formatHex(random);
        return text + "-" + mac(namespace, text);
    }

    /** Whether it was given to a pod of the namespace a moment ago. */
    boolean isFresh(String namespace, String id) throws IOException {
        List<String> parts = List.of(id.split("-", -1));
        if (parts.size() != PARTS || id.length() > 100) {
            return false;
        }
        String text = parts.get(0) + "-" + parts.get(1);
        return MessageDigest.isEqual(octets(mac(namespace, text)), octets(parts.get(2)))
                && Math.abs(now() - Long.parseLong(parts.get(0), 36)) <= FRESH_SECONDS;
    }

    private long now() {
        return clock.instant().getEpochSecond();
    }

    private String mac(String namespace, String text) throws IOException {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key(), ALGORITHM));
            byte[] whole = mac.doFinal(octets(namespace + "\0" + text));
            return HexFormat.of().formatHex(whole).substring(0, MAC_DIGITS);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every JDK has " + ALGORITHM, e);
        }
    }

    private static byte[] octets(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] key() throws IOException {
        byte[] known = key;
        if (known == null) {
            known = HexFormat.of().parseHex(stored());
            key = known;
        }
        return known;
    }

    private String stored() throws IOException {
        try {
            return database.change(open -> {
                Optional<String> there =
                        open.first(row -> row.getString(1), "SELECT secret FROM admission_key");
                if (there.isPresent()) {
                    return there.get();
                }
                byte[] made = new byte[KEY_OCTETS];
                RANDOM.nextBytes(made);
                String secret = HexFormat.of().formatHex(made);
                open.update("INSERT INTO admission_key (one, secret) VALUES (1, ?)", secret);
                return secret;
            });
        } catch (Refusal e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
