package io.sallyport.sync.signin;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.jwk.JWKMatcher;
import com.nimbusds.jose.jwk.source.ImmutableJWKSet;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWT;
import com.nimbusds.jwt.SignedJWT;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.Issuer;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.claims.AuthorizedParty;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.validators.IDTokenValidator;
import io.sallyport.sync.signin.SignIn.IdentityProvider;
import io.sallyport.sync.signin.SignIn.Refused;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Says whether an ID token is one: OpenID Connect Core 1.0 §3.1.3.7. */
final class IdTokens {
    /**
     * Signatures that need a private key. Not {@code none}; not HS256 and its kin, with which a
     * public key would do as the secret.
     */
    private static final Set<JWSAlgorithm> SIGNED =
            Set.of(
                    JWSAlgorithm.RS256,
                    JWSAlgorithm.RS384,
                    JWSAlgorithm.RS512,
                    JWSAlgorithm.PS256,
                    JWSAlgorithm.PS384,
                    JWSAlgorithm.PS512,
                    JWSAlgorithm.ES256,
                    JWSAlgorithm.ES384,
                    JWSAlgorithm.ES512);

    private final IdentityProvider provider;
    private final Discovery discovery;

    IdTokens(IdentityProvider provider, Discovery discovery) {
        this.provider = provider;
        this.discovery = discovery;
    }

    /**
     * The claims of a token that this provider signed for us, for the sign-in with this nonce.
     *
     * @throws Refused if it did not
     */
    IDTokenClaimsSet verified(JWT token, Nonce nonce) throws Refused, IOException {
        if (!(token instanceof SignedJWT signed)) {
            throw new Refused("id-token-unsigned", "the provider's ID token has no signature");
        }
        Set<JWSAlgorithm> allowed = allowed(discovery.metadata());
        JWSHeader header = signed.getHeader();
        if (!allowed.contains(header.getAlgorithm())) {
            throw new Refused(
                    "id-token-algorithm",
                    "the provider's ID token is signed in a way that is not taken; let it sign with"
                            + " RS256 or ES256");
        }
        JWKMatcher wanted = JWKMatcher.forJWSHeader(header);
        IDTokenValidator validator =
                new IDTokenValidator(
                        new Issuer(provider.issuer()),
                        new ClientID(provider.clientId()),
                        new JWSVerificationKeySelector<SecurityContext>(
                                allowed, new ImmutableJWKSet<>(discovery.keys(wanted))),
                        null);
        try {
            IDTokenClaimsSet claims = validator.validate(signed, nonce);
            checkParty(claims);
            return claims;
        } catch (BadJOSEException | JOSEException e) {
            throw new Refused("id-token-invalid", "the provider's ID token does not hold", e);
        }
    }

    /** Steps 4 and 5, which the library leaves to its callers: whom the token was made for. */
    private void checkParty(IDTokenClaimsSet claims) throws Refused {
        AuthorizedParty party = claims.getAuthorizedParty();
        boolean ours =
                party == null
                        ? claims.getAudience().size() == 1
                        : party.getValue().equals(provider.clientId());
        if (!ours) {
            throw new Refused(
                    "id-token-party", "the provider's ID token was made for another application");
        }
    }

    /** What the provider says it signs with, of what is taken at all; RS256 if it says nothing. */
    private static Set<JWSAlgorithm> allowed(OIDCProviderMetadata metadata) {
        List<JWSAlgorithm> offered = metadata.getIDTokenJWSAlgs();
        Set<JWSAlgorithm> allowed =
                new HashSet<>(offered == null ? List.of(JWSAlgorithm.RS256) : offered);
        allowed.retainAll(SIGNED);
        return allowed;
    }
}
