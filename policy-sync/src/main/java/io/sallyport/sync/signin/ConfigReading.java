package io.sallyport.sync.signin;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.SignIn.Config;
import io.sallyport.sync.signin.SignIn.Grant;
import io.sallyport.sync.signin.SignIn.IdentityProvider;
import io.sallyport.sync.signin.SignIn.SessionLength;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code sign-in:} of a configuration file. */
final class ConfigReading {
    private static final String NAME = "your organisation";
    private static final String GROUPS_CLAIM = "groups";

    /** What OpenID Connect Core §5.4 ties names and mail addresses to. */
    private static final List<String> SCOPES = List.of("openid", "profile", "email");

    /** RFC 6749 §3.3. */
    private static final Pattern SCOPE = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,100}");

    private static final int MAX_GRANTS = 1_000;

    /** A month: whoever wants longer wants a token. */
    private static final long MAX_HOURS = 24 * 31;

    private static final int MAX_TEXT = 255;

    private ConfigReading() {}

    static Config read(Document document) {
        Document.Fields fields = document.fields();
        Optional<URI> publicUrl =
                fields.optional("public-url").map(value -> value.textAs(ConfigReading::publicUrl));
        SessionLength length = document.as(_ -> fields, ConfigReading::length);
        Optional<URI> issuer =
                fields.optional("issuer").map(value -> value.textAs(ConfigReading::issuer));
        if (issuer.isEmpty()) {
            fields.optional("client-id")
                    .ifPresent(id -> {
                        throw id.error("says nothing without issuer; name the provider");
                    });
            fields.end();
            return new Config(publicUrl, Optional.empty(), length);
        }
        if (publicUrl.isEmpty()) {
            throw document.error(
                    "\"public-url\" is missing; write the address at which browsers reach the"
                            + " console, and register PUBLIC-URL/signin/callback at the provider");
        }
        IdentityProvider provider = provider(document, fields, issuer.get());
        fields.end();
        return new Config(publicUrl, Optional.of(provider), length);
    }

    private static SessionLength length(Document.Fields fields) {
        SessionLength usual = SessionLength.DEFAULT;
        return new SessionLength(
                fields.optional("idle-minutes")
                        .map(value -> Duration.ofMinutes(value.number(1, MAX_HOURS * 60)))
                        .orElse(usual.idle()),
                fields.optional("session-hours")
                        .map(value -> Duration.ofHours(value.number(1, MAX_HOURS)))
                        .orElse(usual.life()));
    }

    private static IdentityProvider provider(
            Document document, Document.Fields fields, URI issuer) {
        IdentityProvider provider =
                new IdentityProvider(
                        issuer,
                        fields.required("client-id").textAs(ConfigReading::text),
                        fields.optional("client-secret-file").map(value -> Path.of(value.text())),
                        fields.optional("ca-file").map(value -> Path.of(value.text())),
                        scopes(fields),
                        fields.optional("name")
                                .map(value -> value.textAs(ConfigReading::text))
                                .orElse(NAME),
                        fields.optional("groups-claim")
                                .map(value -> value.textAs(ConfigReading::text))
                                .orElse(GROUPS_CLAIM),
                        fields.list("groups", ConfigReading::grant));
        if (provider.grants().isEmpty() || provider.grants().size() > MAX_GRANTS) {
            throw document.error(
                    "\"groups\" must map 1 to "
                            + MAX_GRANTS
                            + " groups of the provider to roles, as in"
                            + " - {group: sallyport-admins, role: platform-admin};"
                            + " without one nobody could sign in");
        }
        return provider;
    }

    private static List<String> scopes(Document.Fields fields) {
        Optional<Document> given = fields.optional("scopes");
        if (given.isEmpty()) {
            return SCOPES;
        }
        List<String> scopes =
                given.get().items().stream()
                        .map(value -> value.textAs(ConfigReading::scope))
                        .toList();
        if (!scopes.contains("openid")) {
            throw given.get()
                    .error("must have openid among them, or the provider sends no ID token");
        }
        return scopes;
    }

    private static Grant grant(Document document) {
        Document.Fields fields = document.fields();
        String group = fields.required("group").textAs(ConfigReading::text);
        Role role = fields.required("role").textAs(ConfigReading::role);
        Optional<String> org = fields.optional("org").map(Document::text);
        fields.end();
        try {
            var _ = new Holder("group", group, role, org);
        } catch (IllegalArgumentException e) {
            throw document.error(String.valueOf(e.getMessage()));
        }
        return new Grant(group, role, org);
    }

    private static Role role(String text) {
        Role role = Role.parse(text);
        if (role == Role.NODE) {
            throw new IllegalArgumentException("people are not nodes; nodes have tokens");
        }
        return role;
    }

    private static String scope(String text) {
        if (!SCOPE.matcher(text).matches()) {
            throw new IllegalArgumentException("must be one scope, such as openid");
        }
        return text;
    }

    private static String text(String text) {
        if (text.isBlank() || text.length() > MAX_TEXT) {
            throw new IllegalArgumentException("must have 1 to " + MAX_TEXT + " characters");
        }
        return text;
    }

    /** OpenID Connect Core §2: no query. */
    private static URI issuer(String text) {
        URI issuer = Web.address(text);
        if (issuer.getRawQuery() != null) {
            throw new IllegalArgumentException(
                    "must have no ? in it; write it exactly as the provider's"
                            + " /.well-known/openid-configuration says it under \"issuer\"");
        }
        return issuer;
    }

    private static URI publicUrl(String text) {
        URI url = Web.address(text);
        if (url.getRawQuery() != null || !url.getRawPath().matches("/?")) {
            throw new IllegalArgumentException(
                    "must be a host alone, such as https://sallyport.example.com; the console is"
                            + " served at its root");
        }
        return URI.create(Web.origin(url));
    }
}
