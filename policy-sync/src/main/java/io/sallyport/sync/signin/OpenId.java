package io.sallyport.sync.signin;

import com.nimbusds.oauth2.sdk.AuthorizationCode;
import com.nimbusds.oauth2.sdk.AuthorizationCodeGrant;
import com.nimbusds.oauth2.sdk.ParseException;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.Scope;
import com.nimbusds.oauth2.sdk.TokenRequest;
import com.nimbusds.oauth2.sdk.TokenResponse;
import com.nimbusds.oauth2.sdk.auth.ClientAuthentication;
import com.nimbusds.oauth2.sdk.auth.ClientAuthenticationMethod;
import com.nimbusds.oauth2.sdk.auth.ClientSecretBasic;
import com.nimbusds.oauth2.sdk.auth.ClientSecretPost;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import com.nimbusds.openid.connect.sdk.AuthenticationRequest;
import com.nimbusds.openid.connect.sdk.Nonce;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponse;
import com.nimbusds.openid.connect.sdk.OIDCTokenResponseParser;
import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import io.sallyport.sync.signin.Attempts.Attempt;
import io.sallyport.sync.signin.SignIn.IdentityProvider;
import io.sallyport.sync.signin.SignIn.Refused;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The client of one provider: the authorization code flow of OpenID Connect Core 1.0 §3.1. */
final class OpenId implements AutoCloseable {
    /** RFC 6749 §5.2, without what could break a line of the log. */
    private static final Pattern ERROR = Pattern.compile("[a-z_]{1,64}");

    private final IdentityProvider provider;
    private final URI redirect;
    private final Fetch fetch;
    private final Discovery discovery;
    private final IdTokens tokens;

    OpenId(IdentityProvider provider, URI redirect, Fetch fetch, Clock clock) {
        this.provider = provider;
        this.redirect = redirect;
        this.fetch = fetch;
        this.discovery = new Discovery(provider.issuer(), fetch, clock);
        this.tokens = new IdTokens(provider, discovery);
    }

    /** Where to send a browser. */
    URI begin(Attempt attempt) throws IOException {
        OIDCProviderMetadata metadata = discovery.metadata();
        return new AuthenticationRequest.Builder(
                        ResponseType.CODE,
                        new Scope(provider.scopes().toArray(String[]::new)),
                        new ClientID(provider.clientId()),
                        redirect)
                .endpointURI(metadata.getAuthorizationEndpointURI())
                .state(new State(attempt.state().text()))
                .nonce(new Nonce(attempt.nonce().text()))
                .codeChallenge(
                        new CodeVerifier(attempt.verifier().text()), CodeChallengeMethod.S256)
                .build()
                .toURI();
    }

    /**
     * Whether an answer is of this provider and of no other: RFC 9207 §2.4.
     *
     * @param iss what the answer says, if it says so
     */
    void checkIssuer(Optional<String> iss) throws Refused, IOException {
        boolean missing =
                iss.isEmpty() && discovery.metadata().supportsAuthorizationResponseIssuerParam();
        if (missing
                || !iss.orElse(provider.issuer().toString()).equals(provider.issuer().toString())) {
            throw new Refused("issuer", "the answer did not come from the identity provider");
        }
    }

    /** What the provider says of whoever came back with this code. */
    IDTokenClaimsSet redeem(String code, Attempt attempt) throws Refused, IOException {
        TokenResponse response;
        try {
            HTTPResponse answer = request(code, attempt).toHTTPRequest().send(fetch);
            response = OIDCTokenResponseParser.parse(answer);
        } catch (ParseException e) {
            throw new Refused("token-response", "the identity provider's answer cannot be read", e);
        }
        if (!(response instanceof OIDCTokenResponse success)) {
            throw refused(response.toErrorResponse().getErrorObject().getCode());
        }
        return tokens.verified(
                success.getOIDCTokens().getIDToken(), new Nonce(attempt.nonce().text()));
    }

    private static Refused refused(@Nullable String error) {
        String code = error != null && ERROR.matcher(error).matches() ? error : "unknown_error";
        return new Refused(
                "code-not-taken " + code,
                code.equals("invalid_client") || code.equals("unauthorized_client")
                        ? "the identity provider does not take this server's client-id and secret; an"
                                + " administrator should check sign-in in the configuration"
                        : "the identity provider did not take the code; sign in again");
    }

    private TokenRequest request(String code, Attempt attempt) throws IOException {
        URI endpoint = discovery.metadata().getTokenEndpointURI();
        AuthorizationCodeGrant grant =
                new AuthorizationCodeGrant(
                        new AuthorizationCode(code),
                        redirect,
                        new CodeVerifier(attempt.verifier().text()));
        ClientID id = new ClientID(provider.clientId());
        if (provider.clientSecretFile().isEmpty()) {
            return new TokenRequest.Builder(endpoint, id, grant).build();
        }
        return new TokenRequest.Builder(endpoint, authentication(id), grant).build();
    }

    /** The secret is read each time, so that it can be changed while the server runs. */
    private ClientAuthentication authentication(ClientID id) throws IOException {
        com.nimbusds.oauth2.sdk.auth.Secret secret =
                new com.nimbusds.oauth2.sdk.auth.Secret(provider.clientSecret());
        List<ClientAuthenticationMethod> methods =
                discovery.metadata().getTokenEndpointAuthMethods();
        if (methods == null || methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)) {
            return new ClientSecretBasic(id, secret);
        }
        if (methods.contains(ClientAuthenticationMethod.CLIENT_SECRET_POST)) {
            return new ClientSecretPost(id, secret);
        }
        throw new IOException(
                provider.issuer()
                        + " takes neither client_secret_basic nor client_secret_post; allow one of"
                        + " them for this client");
    }

    @Override
    public void close() {
        fetch.close();
    }
}
