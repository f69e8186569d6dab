package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.signin.SignIn.SessionLength;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Role;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Browser sessions: how one begins with a token, what it is good for, how it ends. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SignInTest {
    @TempDir static Path directory;
    private House house;

    @BeforeAll
    void open() throws Exception {
        house = House.open(directory);
        house.org("acme");
    }

    @AfterAll
    void close() {
        house.close();
    }

    private String who(Browser browser) {
        return House.who(browser, house.url);
    }

    private Browser signedIn(Created token) {
        Browser browser = new Browser();
        assertThat(House.show(browser, house.url, token.secret())).isEqualTo(204);
        return browser;
    }

    @Test
    void aTokenSignsABrowserIn() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            assertThat(who(browser)).isEqualTo("ada's laptop|org-admin|acme");
            assertThat(browser.setCookies)
                    .first()
                    .asString()
                    .startsWith("sallyport=")
                    .contains("Path=/", "HttpOnly", "SameSite=Lax")
                    .doesNotContain("Domain", "Secure");
        }
    }

    @Test
    void nobodyIsSignedInWithoutACookieOfOurs() {
        try (Browser browser = new Browser()) {
            assertThat(who(browser)).isEqualTo("401");
            browser.cookies(house.url).put("sallyport", Secret.fresh().text());
            assertThat(who(browser)).isEqualTo("401");
            browser.cookies(house.url).put("sallyport", "' OR 1=1 --");
            assertThat(who(browser)).isEqualTo("401");
        }
    }

    @Test
    void anUnknownTokenIsRefusedAsAProblem() {
        try (Browser browser = new Browser()) {
            HttpResponse<String> answer =
                    browser.write(
                            "POST",
                            house.url + "/signin",
                            "{\"token\":\"spt_wrong\"}",
                            "Sec-Fetch-Site",
                            "same-origin");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .contains("application/problem+json");
            assertThat(answer.body())
                    .contains("not known, has expired or was revoked")
                    .doesNotContain("spt_wrong");
            assertThat(browser.setCookies).isEmpty();
        }
    }

    @Test
    void aNodesTokenSignsNobodyIn() throws Exception {
        Created token = house.token(Role.NODE, "");
        try (Browser browser = new Browser()) {
            assertThat(House.show(browser, house.url, token.secret())).isEqualTo(403);
            assertThat(who(browser)).isEqualTo("401");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    [1]                           | application/json
                    {"token":1}                   | application/json
                    {"token":"a","more":1}        | application/json
                    {"token":"a"                  | application/json
                    ''                            | application/json
                    token=a                       | application/x-www-form-urlencoded
                    {"token":"a"}                 | text/plain
                    """)
    void whatIsNotATokenInJsonIsABadRequest(String body, String type) {
        try (Browser browser = new Browser()) {
            HttpResponse<String> answer =
                    browser.write(
                            "POST",
                            house.url + "/signin",
                            body,
                            "Sec-Fetch-Site",
                            "same-origin",
                            "Content-Type",
                            type);
            assertThat(answer.statusCode()).isEqualTo(400);
        }
    }

    @Test
    void anEndlessBodyIsABadRequest() {
        try (Browser browser = new Browser()) {
            assertThat(House.show(browser, house.url, "x".repeat(10_000))).isEqualTo(400);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    Sec-Fetch-Site | cross-site
                    Sec-Fetch-Site | same-site
                    Sec-Fetch-Site | none
                    Origin         | https://evil.example
                    Origin         | null
                    X-Nothing      | at all
                    """)
    void anotherSiteSignsNobodyIn(String header, String value) throws Exception {
        String body = "{\"token\":\"" + house.token(Role.ORG_ADMIN, "acme").secret() + "\"}";
        try (Browser browser = new Browser()) {
            assertThat(
                            browser.write("POST", house.url + "/signin", body, header, value)
                                    .statusCode())
                    .isEqualTo(403);
            assertThat(browser.setCookies).isEmpty();
        }
    }

    @Test
    void aChangeNeedsThePageAndItsToken() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            String csrf = House.csrf(browser, house.url);
            String[][] refused = {
                {},
                {"Sec-Fetch-Site", "same-origin"},
                {"Sec-Fetch-Site", "same-origin", SignIn.CSRF, Secret.fresh().text()},
                {"Sec-Fetch-Site", "same-origin", SignIn.CSRF, ""},
                {"Sec-Fetch-Site", "cross-site", SignIn.CSRF, csrf},
                {"Sec-Fetch-Site", "cross-site", "Origin", house.url, SignIn.CSRF, csrf},
                {"Origin", "http://127.0.0.1:1", SignIn.CSRF, csrf},
                {SignIn.CSRF, csrf},
            };
            for (String method : List.of("POST", "PUT", "DELETE", "PATCH")) {
                for (String[] headers : refused) {
                    assertThat(change(browser, method, headers)).as(method).isEqualTo(403);
                }
                assertThat(
                                change(
                                        browser,
                                        method,
                                        "Sec-Fetch-Site",
                                        "same-origin",
                                        SignIn.CSRF,
                                        csrf))
                        .isEqualTo(200);
                assertThat(change(browser, method, "Origin", house.url, SignIn.CSRF, csrf))
                        .isEqualTo(200);
            }
        }
    }

    private int change(Browser browser, String method, String... headers) {
        return browser.write(method, house.url + "/change", "{}", headers).statusCode();
    }

    @Test
    void anotherSiteReadsNothingWithTheCookie() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            String[] fetched = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"};
            assertThat(change(browser, "GET", fetched)).isEqualTo(403);
            String[] followed = {"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"};
            assertThat(change(browser, "GET", followed)).isEqualTo(200);
        }
    }

    @Test
    void signingOutEndsTheSessionAndNotOnlyTheCookie() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            Map<String, String> kept = Map.copyOf(browser.cookies(house.url));
            String csrf = House.csrf(browser, house.url);
            assertThat(
                            browser.write("POST", house.url + "/signout", "", "Origin", house.url)
                                    .statusCode())
                    .as("without the page's token")
                    .isEqualTo(403);
            assertThat(who(browser)).startsWith("ada");

            HttpResponse<String> answer =
                    browser.write(
                            "POST",
                            house.url + "/signout",
                            "",
                            "Origin",
                            house.url,
                            SignIn.CSRF,
                            csrf);

            assertThat(answer.statusCode()).isEqualTo(204);
            assertThat(browser.cookies(house.url)).isEmpty();
            browser.cookies(house.url).putAll(kept);
            assertThat(who(browser)).isEqualTo("401");
        }
    }

    @Test
    void aSessionEndsWhenItIsNotUsed() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            for (int i = 0; i < 3; i++) {
                house.clock.pass(SessionLength.DEFAULT.idle().minusMinutes(2));
                assertThat(who(browser)).startsWith("ada");
            }
            house.clock.pass(SessionLength.DEFAULT.idle().plusMinutes(2));
            assertThat(who(browser)).isEqualTo("401");
        }
    }

    @Test
    void aSessionEndsAfterADayHoweverMuchItIsUsed() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_ADMIN, "acme"))) {
            Duration step = SessionLength.DEFAULT.idle().dividedBy(2);
            Duration age = Duration.ZERO;
            for (;
                    age.compareTo(SessionLength.DEFAULT.life().minus(step)) < 0;
                    age = age.plus(step)) {
                assertThat(who(browser)).startsWith("ada");
                house.clock.pass(step);
            }
            house.clock.pass(step);
            assertThat(who(browser)).isEqualTo("401");
        }
    }

    @Test
    void aRevokedOrExpiredTokenEndsItsSessions() throws Exception {
        Created revoked = house.token(Role.ORG_ADMIN, "acme");
        Created expired =
                house.tokens.create(
                        "short",
                        Role.ORG_ADMIN,
                        Optional.of("acme"),
                        Optional.of(house.clock.instant().plus(Duration.ofMinutes(5))),
                        House.AUTHOR);
        try (Browser one = signedIn(revoked);
                Browser two = signedIn(expired)) {
            house.tokens.revoke(revoked.token().holder().id(), House.AUTHOR);
            assertThat(who(one)).isEqualTo("401");
            assertThat(who(two)).startsWith("short");
            house.clock.pass(Duration.ofMinutes(6));
            assertThat(who(two)).isEqualTo("401");
        }
    }

    @Test
    void signingInAgainNeverKeepsTheOldSession() throws Exception {
        try (Browser browser = signedIn(house.token(Role.ORG_VIEWER, "acme"));
                Browser thief = new Browser()) {
            thief.cookies(house.url).putAll(browser.cookies(house.url));
            assertThat(who(thief)).endsWith("org-viewer|acme");

            House.show(browser, house.url, house.token(Role.PLATFORM_ADMIN, "").secret());

            assertThat(who(browser)).endsWith("platform-admin|-");
            assertThat(who(thief)).isEqualTo("401");
        }
    }

    @Test
    void behindAProxyTheCookieIsForTlsAndThisHostAlone() throws Exception {
        try (House proxied =
                        House.open(
                                directory.resolve("proxied"),
                                opened -> "public-url: https://sallyport.example.com");
                Browser browser = new Browser()) {
            proxied.org("acme");
            Created theirs = proxied.token(Role.ORG_VIEWER, "acme");

            assertThat(
                            browser.write(
                                            "POST",
                                            proxied.url + "/signin",
                                            "{\"token\":\"" + theirs.secret() + "\"}",
                                            "Origin",
                                            "https://sallyport.example.com")
                                    .statusCode())
                    .isEqualTo(204);

            assertThat(browser.setCookies)
                    .allSatisfy(line ->
                            assertThat(line)
                                    .startsWith("__Host-sallyport")
                                    .contains("; Secure", "Path=/")
                                    .doesNotContain("Domain"));
            assertThat(House.who(browser, proxied.url)).startsWith("ada");
            String value = browser.cookies(proxied.url).remove("__Host-sallyport");
            browser.cookies(proxied.url).put("sallyport", String.valueOf(value));
            assertThat(House.who(browser, proxied.url))
                    .as("a name anyone may set")
                    .isEqualTo("401");
        }
    }

    @Test
    void theTrailSaysWhoSignedIn() throws Exception {
        Created token = house.token(Role.ORG_VIEWER, "acme");
        try (Browser browser = signedIn(token)) {
            assertThat(who(browser)).startsWith("ada");
        }
        AuditTrail trail = new AuditTrail(house.database);
        assertThat(trail.read(Optional.of("acme"), 0, 1_000))
                .anySatisfy(row -> {
                    assertThat(row.event().action()).isEqualTo("console.sign-in");
                    assertThat(row.event().target()).isEqualTo(token.token().holder().id());
                });
    }

    @Test
    void anAddressThatKnocksTooOftenWaits() throws Exception {
        try (House busy = House.open(directory.resolve("busy"));
                Browser browser = new Browser()) {
            Set<Integer> statuses = new HashSet<>();
            HttpResponse<String> last = browser.get(busy.url + "/signin/callback?state=x");
            for (int i = 0; i < 1_000 && last.statusCode() != 429; i++) {
                last = browser.get(busy.url + "/signin/callback?state=x");
                statuses.add(last.statusCode());
            }
            assertThat(last.statusCode()).isEqualTo(429);
            assertThat(last.headers().firstValue("Retry-After")).contains("1");
            assertThat(statuses).containsExactlyInAnyOrder(403, 429);
        }
    }
}
