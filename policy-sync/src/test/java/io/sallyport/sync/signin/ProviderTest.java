package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.signin.TestProvider.Twist;
import io.sallyport.sync.token.Tokens.Role;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The way to an OpenID provider and back, and all that must not come back from there. */
class ProviderTest {
    @TempDir Path directory;
    private House house;

    @SuppressWarnings("NullAway.Init") // the house opens it
    private TestProvider provider;

    private final Browser browser = new Browser();

    @BeforeEach
    void open() throws Exception {
        house =
                House.open(
                        directory,
                        opened -> {
                            provider = new TestProvider(opened.url + "/signin/callback");
                            return opened.yaml(provider);
                        });
    }

    @AfterEach
    void close() {
        browser.close();
        provider.close();
        house.close();
    }

    private String who() {
        return House.who(browser, house.url);
    }

    private HttpResponse<String> signIn() {
        return browser.visit(house.url + "/signin");
    }

    /** Where the provider would send this browser back to. */
    private String wayBack() {
        return location(browser.get(location(browser.get(house.url + "/signin"))));
    }

    private static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElseThrow();
    }

    @Test
    void theProviderSignsAPersonIn() {
        HttpResponse<String> end = signIn();

        assertThat(end.body()).isEqualTo("the console");
        assertThat(who()).isEqualTo("ada@example.com (248289761001)|org-viewer|acme");
        assertThat(browser.cookies(house.url)).containsOnlyKeys("sallyport");
    }

    @Test
    void goesBackToThePageOneCameFrom() {
        HttpResponse<String> end =
                browser.visit(house.url + "/signin?return=%2Fconsole%2Fpage%23%2Facme%2Fdenied");

        assertThat(end.body()).isEqualTo("a page");
    }

    @ParameterizedTest
    @CsvSource({
        "https://evil.example",
        "//evil.example",
        "/%5Cevil.example",
        "/%5C/evil.example",
        "javascript:alert(1)",
        "/a%0D%0ASet-Cookie:x=y",
        "evil"
    })
    void goesBackToNoOtherSite(String target) {
        assertThat(browser.get(house.url + "/signin?return=" + target).statusCode()).isEqualTo(403);
    }

    @Test
    void takesEllipticCurvesToo() {
        provider.elliptic = true;
        signIn();

        assertThat(who()).endsWith("org-viewer|acme");
    }

    @Test
    void theFirstGroupThatIsMappedCounts() {
        provider.person = Map.of("sub", "1", "groups", List.of("staff", "x", "acme admins"));
        signIn();
        assertThat(who()).isEqualTo("1|org-admin|acme");

        provider.person = Map.of("sub", "1", "groups", "admin");
        signIn();
        assertThat(who()).isEqualTo("1|platform-admin|-");
    }

    @Test
    void aSessionEndsWhenTheMappingThatGaveItsRoleIsChanged() throws Exception {
        signIn();
        house.restart(opened -> opened.yaml(provider) + "  - {group: x, role: platform-admin}\n");
        assertThat(who()).as("a group was added after it").endsWith("org-viewer|acme");
        house.restart(opened -> opened.yaml(provider).replace("group: staff", "group: crew"));
        assertThat(who()).as("its group was taken away").isEqualTo("401");
        house.restart(opened -> opened.yaml(provider));
        assertThat(who()).endsWith("org-viewer|acme");
        house.restart(opened -> opened.yaml(provider).replace("group: admin", "group: other"));
        assertThat(who()).as("one that counts before it").isEqualTo("401");
        house.restart(opened -> "{}");
        assertThat(who()).as("no provider at all").isEqualTo("401");
    }

    @Test
    void nobodyCanCallThemselvesSomeoneElse() {
        provider.person =
                Map.of(
                        "sub",
                        "666",
                        "email",
                        "ada@example.com (248289761001)\u202e\n" + "x".repeat(500),
                        "groups",
                        List.of("staff"));
        signIn();

        assertThat(who())
                .startsWith("ada@example.com (248289761001)xxx")
                .endsWith(" (666)|org-viewer|acme")
                .doesNotContain("\u202e")
                .hasSizeLessThan(160);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {"sub":"1","groups":["Staff","admin ","*"]}              | none of your groups has a role here
                    {"sub":"1","groups":[["admin"],1,{"admin":true}]  }   | says nothing of your groups
                    {"sub":"1","groups":{"admin":true}}                      | says nothing of your groups
                    {"sub":"1"}                                              | put them into the ID token as &quot;groups&quot;
                    {"sub":"1","roles":["admin"]}                            | says nothing of your groups
                    {"sub":"1","_claim_names":{"groups":"src1"}}             | you are in more groups than
                    """)
    void whoHasNoRoleIsToldSo(String person, String sentence) {
        provider.person = claims(person);
        HttpResponse<String> end = signIn();

        assertThat(end.statusCode()).isEqualTo(403);
        assertThat(end.body()).containsIgnoringCase(sentence);
        assertThat(who()).isEqualTo("401");
    }

    @SuppressWarnings("unchecked") // a JSON object has texts as keys
    private static Map<String, Object> claims(String json) {
        return (Map<String, Object>) new JsonMapper().readValue(json, Map.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = Twist.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"NONE"})
    void whatDoesNotHoldSignsNobodyIn(Twist twist) {
        provider.twist = twist;
        HttpResponse<String> end = signIn();

        assertThat(end.statusCode()).isIn(403, 503);
        assertThat(end.headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(end.body()).contains("Not signed in").doesNotContain("<script>");
        assertThat(who()).isEqualTo("401");
        assertThat(browser.cookies(house.url)).doesNotContainKey("sallyport");

        provider.twist = Twist.NONE;
        house.clock.pass(Duration.ofSeconds(10)); // a provider that failed is left alone
        signIn();
        assertThat(who()).as("the same person, when all is well again").endsWith("acme");
    }

    @Test
    void aStateIsGoodForOneUse() {
        String back = wayBack();
        assertThat(browser.get(back).statusCode()).isEqualTo(303);
        Map<String, String> cookies = Map.copyOf(browser.cookies(house.url));

        assertThat(browser.get(back).statusCode()).isEqualTo(403);
        assertThat(browser.cookies(house.url)).isEqualTo(cookies);
    }

    @Test
    void aStateIsGoodForOneBrowser() {
        String back = wayBack();
        try (Browser victim = new Browser()) {
            assertThat(victim.get(back).statusCode()).isEqualTo(403);
            assertThat(House.who(victim, house.url)).isEqualTo("401");
        }
        String again = wayBack();
        try (Browser victim = new Browser()) {
            victim.get(house.url + "/signin");
            assertThat(victim.get(again).statusCode()).isEqualTo(403);
            assertThat(House.who(victim, house.url)).isEqualTo("401");
        }
    }

    @Test
    void aStateIsGoodForTenMinutes() {
        String back = wayBack();
        house.clock.pass(Attempts.LIFE.plusSeconds(1));

        assertThat(browser.get(back).statusCode()).isEqualTo(403);
        assertThat(who()).isEqualTo("401");
    }

    @Test
    void aCodeIsGoodForOneUseAndForItsOwnState() {
        String first = wayBack();
        String second = wayBack();
        String code = field(first, "code");
        String swapped = second.replace(field(second, "code"), code);

        assertThat(browser.get(swapped).statusCode()).as("PKCE binds them").isEqualTo(403);
        assertThat(browser.get(first).statusCode()).as("used up by now").isEqualTo(403);
        assertThat(who()).isEqualTo("401");
    }

    private static String field(String address, String name) {
        String from = address.substring(address.indexOf(name + "=") + name.length() + 1);
        return from.split("&", 2)[0];
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?",
                "?code=abc",
                "?code=abc&state=",
                "?code=abc&state=abc",
                "?code=abc&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                "?state=%FF%FE&code=%00",
                "?error=%3Cscript%3E"
            })
    void anAnswerThatNobodyAskedForIsRefused(String query) {
        HttpResponse<String> answer = browser.get(house.url + "/signin/callback" + query);

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).doesNotContain("<script>");
    }

    @Test
    void anAnswerWithAFieldTwiceIsRefused() {
        String back = wayBack();

        assertThat(browser.get(back + "&code=other").statusCode()).isEqualTo(400);
        assertThat(who()).isEqualTo("401");
    }

    @Test
    void twoWindowsOfOneBrowserMaySignInAtOnce() {
        String one = wayBack();
        String two = wayBack();

        assertThat(browser.get(one).statusCode()).isEqualTo(303);
        assertThat(who()).endsWith("acme");
        assertThat(browser.get(two).statusCode())
                .as("the first took the cookie of the way away; the person is signed in")
                .isEqualTo(403);
    }

    @Test
    void aProviderThatIsDownSignsNobodyInAndTokensStillDo() throws Exception {
        provider.close();
        HttpResponse<String> answer = signIn();

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("sign in with a token");
        house.org("acme");
        String secret = house.token(Role.ORG_VIEWER, "acme").secret();
        assertThat(House.show(browser, house.url, secret)).isEqualTo(204);
        assertThat(who()).startsWith("ada's laptop");
    }

    @Test
    void aProviderThatGoesDownMeanwhileSignsNobodyIn() {
        String back = wayBack();
        provider.close();

        assertThat(browser.get(back).statusCode()).isEqualTo(503);
        assertThat(who()).isEqualTo("401");
    }

    @Test
    void newKeysAreFetchedAndMadeUpOnesAreNot() {
        signIn();
        assertThat(provider.keyRequests).hasValue(1);
        provider.twist = Twist.UNKNOWN_KEY_ID;
        signIn();
        signIn();
        assertThat(provider.keyRequests).as("no sooner than every 30 s").hasValue(1);
        provider.twist = Twist.NONE;
        provider.keyId = "2";
        house.clock.pass(Duration.ofSeconds(31));
        signIn();

        assertThat(provider.keyRequests).hasValue(2);
        assertThat(who()).endsWith("acme");
    }

    @Test
    void aSessionOutlivesTheServerThatBeganIt() throws Exception {
        signIn();
        house.restart(again -> again.yaml(provider));

        assertThat(who()).endsWith("acme");
    }

    @Test
    void nobodyKeepsWhatAnAddressOfTheWayHolds() {
        for (HttpResponse<String> answer :
                List.of(browser.get(house.url + "/signin"), browser.get(wayBack()))) {
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        }
    }
}
