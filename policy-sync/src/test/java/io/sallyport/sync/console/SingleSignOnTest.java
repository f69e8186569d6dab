package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.OAuth2Config;
import no.nav.security.mock.oauth2.http.NettyWrapper;
import no.nav.security.mock.oauth2.token.OAuth2TokenProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person, a browser and an identity provider that others wrote and that knows nothing of us. */
@Tag("browser")
@Needs({"chromium", "chromedriver"})
class SingleSignOnTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    @TempDir private static Path directory;
    private static MockOAuth2Server provider;
    private static Database database;
    private static Control control;
    private static Browser browser;

    @BeforeAll
    static void start() throws Exception {
        provider =
                new MockOAuth2Server(
                        new OAuth2Config(
                                true, // it shows a page to log in
                                null,
                                null,
                                false,
                                new OAuth2TokenProvider(),
                                Set.of(),
                                new NettyWrapper()));
        provider.start(LOOPBACK, 0);
        database = Database.open(directory);
        var _ =
                OrgStore.of(database, InstantSource.system())
                        .create("acme", Settings.forNewOrg(), new Author("test", ""));
        InetSocketAddress listen = new InetSocketAddress(LOOPBACK, FreePort.any());
        control =
                Control.start(
                        new Control.Config(
                                listen,
                                Optional.empty(),
                                SignIn.Config.read(Document.yaml(yaml(listen.getPort()))),
                                Control.Limits.DEFAULT),
                        database);
        browser = new Browser();
    }

    @AfterAll
    static void stop() throws IOException {
        browser.close();
        control.close();
        database.close();
        provider.shutdown();
    }

    @BeforeEach
    void asSomebodyNew() {
        browser.driver.manage().deleteAllCookies();
    }

    private static String yaml(int port) throws IOException {
        return """
        public-url: http://127.0.0.1:%d
        issuer: %s
        client-id: console
        client-secret-file: %s
        name: Example Login
        groups:
          - {group: platform, role: platform-admin}
          - {group: acme-admins, role: org-admin, org: acme}
          - {group: staff, role: org-viewer, org: acme}
        """
                .formatted(
                        port,
                        provider.issuerUrl("people"),
                        Files.writeString(directory.resolve("client-secret"), "not so secret"));
    }

    /** From the console to the provider's page, and through it. */
    private static void logIn(String mail, String groups) {
        browser.open(control.url() + "/#/acme/history");
        browser.press("Sign in with Example Login");
        browser.type("input[name=username]", "4711");
        browser.type(
                "textarea[name=claims]",
                Document.canonical(Map.of("email", mail, "groups", List.of(groups.split(" ")))));
        browser.see("input[type=submit]").click();
    }

    @Test
    void signsAPersonInAtTheProviderWithTheRoleOfTheirGroupAndOutAgain() {
        logIn("ada@example.com", "everybody acme-admins");
        browser.reads("The organisation was created.");
        browser.reads("ada@example.com");
        browser.reads("Organisation admin");
        assertThat(browser.driver.getCurrentUrl()).isEqualTo(control.url() + "/#/acme/history");
        assertThat(browser.script("return document.cookie")).isEqualTo("");

        browser.press("Sign out");

        browser.reads("Access token");
        browser.open(control.url() + "/#/acme/history");
        browser.reads("Access token");
    }

    @Test
    void givesEachTheRoleOfTheFirstGroupThatFits() {
        logIn("eve@example.com", "staff");
        browser.reads("Viewer");
        browser.driver.manage().deleteAllCookies();
        logIn("root@example.com", "staff platform");
        browser.reads("Platform admin");
    }

    @Test
    void tellsAPersonWithoutAGroupOfOursWhatToDo() throws IOException {
        logIn("bob@example.com", "visitors");
        browser.reads("Not signed in");
        browser.reads("none of your groups has a role here; ask an administrator");
        assertThat(browser.findings()).isEmpty();

        browser.press("Back to the sign-in page");

        browser.named("a", "Sign in with Example Login");
    }
}
