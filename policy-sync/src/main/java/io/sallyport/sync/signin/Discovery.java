package io.sallyport.sync.signin;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a provider says of itself: its endpoints and its keys, asked for when they are first needed
 * and again after a while. That it is down now keeps no server from starting.
 */
final class Discovery {
    /** Endpoints hardly ever move; keys are changed with days of overlap. */
    private static final Duration KEPT = Duration.ofHours(1);

    /** A key that is not known may be new; that it is made up must not cost a request each time. */
    private static final Duration KEYS_KEPT_AT_LEAST = Duration.ofSeconds(30);

    /** A provider that hangs is not hung at by one person after the other. */
    private static final Duration FAILED = Duration.ofSeconds(5);

    /** NIST SP 800-131A: shorter ones are no longer to be trusted. */
    private static final int MIN_RSA_BITS = 2048;

    private record Known<T>(T value, Instant since) {}

    private final URI issuer;
    private final Fetch fetch;
    private final Clock clock;
    private @Nullable Known<OIDCProviderMetadata> metadata;
    private @Nullable Known<JWKSet> keys;
    private @Nullable Known<IOException> failure;

    Discovery(URI issuer, Fetch fetch, Clock clock) {
        this.issuer = issuer;
        this.fetch = fetch;
        this.clock = clock;
    }

    /**
     * @throws IOException if it cannot be asked, or says what it must not
     */
    synchronized OIDCProviderMetadata metadata() throws IOException {
        Known<OIDCProviderMetadata> known = metadata;
        if (known == null || isOlder(known, KEPT)) {
            known = new Known<>(discover(), clock.instant());
            metadata = known;
        }
        return known.value();
    }

    /** The keys that may have signed, fetched again when none of the old ones is it. */
    synchronized JWKSet keys(JWKMatcher wanted) throws IOException {
        Known<JWKSet> known = keys;
        if (known == null
                || isOlder(known, KEPT)
                || (isOlder(known, KEYS_KEPT_AT_LEAST)
                        && new JWKSelector(wanted).select(known.value()).isEmpty())) {
            known = new Known<>(fetchKeys(metadata().getJWKSetURI()), clock.instant());
            keys = known;
        }
        return known.value();
    }

    private boolean isOlder(Known<?> known, Duration age) {
        return known.since().plus(age).isBefore(clock.instant());
    }

    /** OpenID Connect Discovery 1.0 §4. */
    private OIDCProviderMetadata discover() throws IOException {
        String base = issuer.toString().replaceFirst("/$", "");
        URI address = URI.create(base + "/.well-known/openid-configuration");
        OIDCProviderMetadata found;
        try {
            found = OIDCProviderMetadata.parse(document(address));
        } catch (ParseException e) {
            throw new IOException(
                    address + " is not the document of a provider: " + e.getMessage(), e);
        }
        if (!found.getIssuer().equals(new Issuer(issuer))) {
            throw new IOException(
                    address
                            + " calls itself "
                            + found.getIssuer()
                            + ", not "
                            + issuer
                            + "; write sign-in.issuer exactly so");
        }
        check(address, "authorization_endpoint", found.getAuthorizationEndpointURI());
        check(address, "token_endpoint", found.getTokenEndpointURI());
        check(address, "jwks_uri", found.getJWKSetURI());
        return found;
    }

    private String document(URI address) throws IOException {
        if (failure != null && !isOlder(failure, FAILED)) {
            throw new IOException(failure.value().getMessage(), failure.value());
        }
        try {
            return fetch.document(address);
        } catch (IOException e) {
            failure = new Known<>(e, clock.instant());
            throw e;
        }
    }

    private static void check(URI document, String name, @Nullable URI endpoint)
            throws IOException {
        try {
            Web.address(endpoint == null ? "" : endpoint.toString());
        } catch (IllegalArgumentException e) {
            throw new IOException(document + " has no " + name + " to use: " + e.getMessage(), e);
        }
    }

    private JWKSet fetchKeys(URI address) throws IOException {
        try {
            List<JWK> keys =
                    JWKSet.parse(document(address)).getKeys().stream()
                            .filter(key -> !(key instanceof RSAKey) || key.size() >= MIN_RSA_BITS)
                            .toList();
            return new JWKSet(keys);
        } catch (java.text.ParseException e) {
            throw new IOException(address + " is not a set of keys: " + e.getMessage(), e);
        }
    }
}
