package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.SignIn.Config;
import io.sallyport.sync.signin.SignIn.Grant;
import io.sallyport.sync.signin.SignIn.IdentityProvider;
import io.sallyport.sync.token.Tokens.Role;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigTest {
    private static final String FULL =
            """
            public-url: https://Sallyport.example.com:443/
            issuer: https://login.example.com/realms/acme
            client-id: sallyport
            client-secret-file: /etc/sallyport/client-secret
            groups:
              - {group: platform, role: platform-admin}
              - {group: acme, role: org-viewer, org: acme}
            """;

    private static Config read(String yaml) {
        return Config.read(Document.yaml(yaml));
    }

    @Test
    void readsAProviderWithItsDefaults() {
        Config config = read(FULL);

        assertThat(config.publicUrl()).contains(URI.create("https://sallyport.example.com"));
        IdentityProvider provider = config.provider().orElseThrow();
        assertThat(provider.scopes()).containsExactly("openid", "profile", "email");
        assertThat(provider.groupsClaim()).isEqualTo("groups");
        assertThat(provider.grants())
                .containsExactly(
                        new Grant("platform", Role.PLATFORM_ADMIN, Optional.empty()),
                        new Grant("acme", Role.ORG_VIEWER, Optional.of("acme")));
    }

    @Test
    void aPublicUrlAloneIsForTokensBehindAProxy() {
        Config config = read("public-url: http://127.0.0.1:7053");

        assertThat(config.publicUrl()).contains(URI.create("http://127.0.0.1:7053"));
        assertThat(config.provider()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    https://login.example.com/realms/acme | http://login.example.com            | issuer: must begin with https://
                    https://login.example.com/realms/acme | login.example.com                   | issuer: write a whole address
                    https://login.example.com/realms/acme | https://a.example?x=y               | issuer: must have no ?
                    https://login.example.com/realms/acme | https://u:p@a.example               | issuer: must have no user name
                    https://Sallyport.example.com:443/    | https://a.example/console           | public-url: must be a host alone
                    https://Sallyport.example.com:443/    | http://sallyport.example.com        | public-url: must begin with https://
                    https://Sallyport.example.com:443/    | http://127.0.0.1.evil.example       | public-url: must begin with https://
                    {group: platform, role: platform-admin} | {group: platform, role: admin}    | this is not a role
                    {group: platform, role: platform-admin} | {group: platform, role: node}     | people are not nodes
                    {group: platform, role: platform-admin} | {group: platform, role: org-admin} | the role org-admin needs one
                    role: platform-admin                  | role: platform-admin, org: acme     | the role platform-admin has none
                    {group: platform, role: platform-admin} | {role: org-admin, org: acme}      | "group" is missing
                    org: acme}                            | org: "../x"}                        | org
                    client-id: sallyport                  | client-id: ''                       | client-id: must have 1 to 255 characters
                    client-secret-file: /etc/sallyport/client-secret | scopes: [email]      | must have openid among them
                    client-id: sallyport                  | clientid: sallyport                 | "client-id" is missing
                    """)
    void saysWhatIsWrongAndTheFix(String from, String to, String complaint) {
        assertThat(FULL).contains(from);
        assertThatThrownBy(() -> read(FULL.replace(from, to)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void wantsAnAddressToComeBackTo() {
        assertThatThrownBy(() -> read(FULL.replaceFirst("public-url: .*\n", "")))
                .hasMessageContaining("\"public-url\" is missing")
                .hasMessageContaining("/signin/callback");
    }

    @Test
    void wantsGroups() {
        assertThatThrownBy(() -> read(FULL.substring(0, FULL.indexOf("groups:"))))
                .hasMessageContaining("nobody could sign in");
    }

    @Test
    void refusesAProvidersKeysWithoutAProvider() {
        assertThatThrownBy(() -> read("client-id: x"))
                .hasMessageContaining("says nothing without issuer");
        assertThatThrownBy(() -> read("groups: []")).hasMessageContaining("not known");
    }

    @Test
    void doesNotShowTheClientSecret() {
        assertThat(read(FULL).toString()).contains("/etc/sallyport/client-secret");
        assertThat(List.of(Secret.fresh())).hasToString("[Secret]");
    }
}
