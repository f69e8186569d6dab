package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Decision;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Role;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/** The pages and the real control server: what an admin presses is what the store then has. */
@Tag("browser")
@Needs({"chromium", "chromedriver"})
class WithControlTest {
    private static final Author TEST = new Author("test", "");
    private static final String HOSTILE = "<img src=x onerror=document.title=1>.evil.example";

    @TempDir private static Path directory;
    private static Browser browser;
    private static Database database;
    private static Control control;
    private static OrgStore orgs;
    private static Tokens tokens;
    private static Fleet fleet;
    private static Decisions decisions;
    private static int made;
    private String org = "";

    @BeforeAll
    static void start() throws Exception {
        InstantSource clock = InstantSource.system();
        database = Database.open(directory);
        orgs = OrgStore.of(database, clock);
        tokens = new Tokens(database, clock);
        fleet = new Fleet(database, clock);
        decisions = new Decisions(database, clock);
        control =
                Control.start(
                        new Control.Config(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                Optional.empty(),
                                SignIn.Config.DEFAULT,
                                Control.Limits.DEFAULT),
                        database);
        browser = new Browser();
        browser.prefers("light");
        browser.width(1280, 900);
        signIn(Role.PLATFORM_ADMIN, Optional.empty());
    }

    @AfterAll
    static void stop() throws IOException {
        browser.close();
        control.close();
        database.close();
    }

    private static void signIn(Role role, Optional<String> org) throws Exception {
        String secret = tokens.create(role.text(), role, org, Optional.empty(), TEST).secret();
        browser.open(control.url());
        browser.type("#token", secret + Keys.ENTER);
        browser.reads("Platform admin");
    }

    @BeforeEach
    void makeOrg() throws Exception {
        made++;
        org = "org-" + made;
        orgs.create(org, Settings.forNewOrg(), TEST);
    }

    @AfterEach
    void nothingWasComplainedAbout() {
        assertThat(browser.complaints())
                .noneMatch(line -> line.contains("Content Security Policy"))
                .noneMatch(line -> line.contains("Uncaught"));
    }

    private void open(String page, String shows) {
        browser.open(control.url() + "/#/" + org + "/" + page);
        browser.reads(shows);
    }

    private Settings settings() throws Exception {
        return orgs.current(org).settings();
    }

    private static String digest(char digit) {
        return String.valueOf(digit).repeat(64);
    }

    private Fleet.Reported session(String id, long version, String mode) {
        return new Fleet.Reported(
                id,
                org,
                Optional.of("builder"),
                "bound",
                mode,
                digest('a'),
                version,
                Instant.now().minusSeconds(60));
    }

    private Decision decided(String name, Verdict verdict, int count) {
        Instant now = Instant.now();
        return new Decision(
                org, "s-1", name, verdict, "not-allowed", count, now.minusSeconds(600), now);
    }

    @Test
    void addsAndRemovesDomainsAndTellsOfOlderSessions() throws Exception {
        fleet.heard("node-" + org, List.of(session("s-" + org, 1, "enforce")), 0);
        open("network-access", "No custom domains");
        browser.reads("The 1 session running now has the access shown here");
        browser.type("#allow-text", "API.Example.com. *.cdn.example.com");
        browser.reads("any name below cdn.example.com");
        browser.press("Add 2");
        browser.named("button", "Remove api.example.com");
        browser.reads("1 running session keeps older access");
        assertThat(settings().allow())
                .extracting(Object::toString)
                .containsExactlyInAnyOrder("api.example.com", "*.cdn.example.com");

        browser.press("Remove *.cdn.example.com");

        browser.reads("*.cdn.example.com removed.");
        assertThat(settings().allow())
                .extracting(Object::toString)
                .containsExactly("api.example.com");
    }

    @Test
    void confirmsTheRisksOfAllDomains() throws Exception {
        open("network-access", "All domains");
        browser.see("label[for='level-all']").click();
        browser.press("Review and save");
        browser.see("dialog input[type=text]").sendKeys("a demo");
        browser.press("Save");
        browser.reads("This opens more than it seems");
        assertThat(settings().level()).isEqualTo(Level.PACKAGE_MANAGERS);
        browser.see("dialog input[type=checkbox]").click();

        browser.press("Allow it");

        browser.reads("Saved as version 2.");
        assertThat(settings().level()).isEqualTo(Level.ALL);
        assertThat(orgs.current(org).by().why()).isEqualTo("a demo");
    }

    @Test
    void asksBeforeADenialIsRemovedThatKeptAHostClosed() throws Exception {
        orgs.change(
                org,
                OptionalLong.empty(),
                List.of(
                        new Settings.Change.SetLevel(Level.CONNECTIONS),
                        new Settings.Change.Deny(Settings.patterns("gist.github.com"))),
                TEST);
        open("network-access", "gist.github.com");
        browser.press("Remove gist.github.com");
        browser.reads("This opens more than it seems");
        assertThat(settings().deny()).hasSize(1);
        browser.see("dialog input[type=checkbox]").click();

        browser.press("Allow it");

        browser.reads("gist.github.com removed.");
        assertThat(settings().deny()).isEmpty();
    }

    @Test
    void savesPortsTypesAndInternalDomainsAsOneVersion() throws Exception {
        open("network-access", "No custom domains");
        browser.see(".advanced summary").click();
        browser.see(".adding.short input").sendKeys("8443" + Keys.ENTER);
        browser.named("button", "Remove tcp/8443");
        browser.named("input", "TXT").click();
        browser.all(".adding.pair input").getFirst().sendKeys(".corp.example");
        browser.all(".adding.pair input").getLast().sendKeys("10.1.0.0/16" + Keys.ENTER);
        browser.reads("3 changes not saved");
        browser.press("Review and save");

        browser.press("Save");

        browser.reads("Saved as version 2.");
        assertThat(settings().ports()).contains(Settings.Port.parse("tcp/8443"));
        assertThat(settings().types()).contains(Settings.RecordType.parse("TXT"));
        assertThat(settings().internal()).hasSize(1);
    }

    @Test
    void saysInTheDialogWhatIsWrongWithADraft() throws Exception {
        open("network-access", "No custom domains");
        browser.see(".advanced summary").click();
        browser.all(".adding.pair input").getFirst().sendKeys(".corp.example");
        browser.all(".adding.pair input").getLast().sendKeys("8.8.8.0/24" + Keys.ENTER);
        browser.press("Review and save");

        browser.press("Save");

        browser.reads("is not inside of private address space");
        assertThat(orgs.current(org).number()).isOne();
    }

    @Test
    void showsWhatWasDeniedHostileNamesAsText() throws Exception {
        decisions.add(
                "node-1",
                List.of(
                        decided("api.openai.com", Verdict.DENIED, 7),
                        decided(HOSTILE, Verdict.DENIED, 3),
                        decided("www.python.org", Verdict.ALLOWED, 40)));
        open("denied", "openai.com");
        browser.all("details summary").forEach(WebElement::click);
        browser.reads("<img src=x");
        assertThat(browser.all("main img")).isEmpty();
        assertThat(browser.driver.getTitle()).isNotEqualTo("1");

        browser.press("Allow api.openai.com");

        browser.reads("api.openai.com added.");
        assertThat(settings().allow())
                .extracting(Object::toString)
                .containsExactly("api.openai.com");
    }

    @Test
    void endsASessionAndDeniesInAnEmergency() throws Exception {
        String id = "s-" + org;
        fleet.heard("node-" + org, List.of(session(id, 1, "observe")), 0);
        open("sessions", id);
        browser.reads("OBSERVE: not enforced");
        browser.press("End session " + id);
        browser.press("End the session");
        browser.reads("ending");
        assertThat(fleet.orders("node-" + org).end()).contains(id);

        browser.press("Deny now");
        browser.see("dialog .domain-text").sendKeys(".evil.example");
        browser.script("document.querySelector('dialog [type=submit]').click()");

        browser.reads(".evil.example is denied");
        browser.press("Lift the denial of .evil.example");
        browser.press("Lift");
        browser.reads(".evil.example is no longer denied");
    }

    @Test
    void proposesWhatAnObservedSessionNeeded() throws Exception {
        fleet.heard("node-" + org, List.of(session("s-1", 1, "observe")), 0);
        decisions.add("node-1", List.of(decided("api.openai.com", Verdict.OBSERVED, 5)));
        open("sessions", "s-1");
        browser.press("Report of what session s-1 needed");
        browser.reads("api.openai.com");

        browser.press("Make this change");

        browser.reads("Changed. New sessions may reach");
        assertThat(settings().allow()).isNotEmpty();
    }

    @Test
    void rollsBackToAnEarlierVersion() throws Exception {
        orgs.change(
                org,
                OptionalLong.empty(),
                List.of(new Settings.Change.Allow(Settings.patterns("one.example.com"))),
                TEST);
        open("history", "one.example.com");
        browser.press("Roll back to version 1");
        browser.reads("Against the settings as they are now:");
        browser.see("dialog .minus");

        browser.press("Roll back");

        browser.reads("Version 3");
        assertThat(settings().allow()).isEmpty();
    }

    @Test
    void showsWhichNamespacesMayNameTheOrg() throws Exception {
        open("namespaces", "No namespace is mapped");
        orgs.map("team-" + org, org, TEST);
        browser.driver.navigate().refresh();
        browser.reads("team-" + org);
        assertThat(browser.all("main button")).isEmpty();
    }

    @Test
    void switchesAgentsMakesOrgsAndShowsTheAuditTrail() throws Exception {
        open("agents", "No agent was switched yet");
        browser.press("Switch an agent");
        browser.see("dialog input[type=text]").sendKeys("support-bot");
        browser.press("Save");
        browser.reads("Code execution of support-bot is off.");
        browser.press("New organisation");
        browser.see("dialog input[type=text]").sendKeys("made-" + org);
        browser.press("Create");
        browser.reads("made-" + org + " is there.");

        open("audit", "support-bot");
        browser.type("input[type=search]", "SUPPORT-bot");
        browser.reads("1 row found");
        browser.type("input[type=search]", "nobody wrote this");
        browser.reads("No such row");

        browser.press("Verify");
        browser.reads("The chain holds.");
    }

    @Test
    void makesATokenThatWorksAndRevokesIt() throws Exception {
        open("tokens", "platform-admin");
        browser.press("New token");
        browser.see("dialog input[type=text]").sendKeys("nightly " + org);
        browser.press("Create");
        String secret = browser.see("#secret").getText();
        assertThat(tokens.find(secret).orElseThrow().role()).isEqualTo(Role.ORG_ADMIN);
        assertThat(tokens.find(secret).orElseThrow().org()).contains(org);
        browser.press("I have it");
        browser.press("Revoke nightly " + org);
        browser.press("Revoke");
        browser.reads("nightly " + org + " is revoked.");
        assertThat(tokens.find(secret)).isEmpty();
    }

    @Test
    void signsABrowserOfSomebodyElseOut() throws Exception {
        String secret =
                tokens.create(
                                "eve " + org,
                                Role.ORG_ADMIN,
                                Optional.of(org),
                                Optional.empty(),
                                TEST)
                        .secret();
        try (HttpClient eve = HttpClient.newHttpClient()) {
            HttpResponse<Void> in = eve.send(signIn(secret), BodyHandlers.discarding());
            String cookie = in.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0];
            assertThat(eve.send(me(cookie), BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            open("sign-ins", "eve " + org);
            browser.press("Sign out eve " + org);
            browser.see("dialog input[type=text]").sendKeys("left" + Keys.ENTER);

            browser.reads("eve " + org + " is signed out.");

            assertThat(eve.send(me(cookie), BodyHandlers.discarding()).statusCode()).isEqualTo(401);
        }
    }

    private static HttpRequest signIn(String secret) {
        return HttpRequest.newBuilder(URI.create(control.url() + "/signin"))
                .header("Content-Type", "application/json")
                .header("Sec-Fetch-Site", "same-origin")
                .POST(BodyPublishers.ofString("{\"token\":\"" + secret + "\"}"))
                .build();
    }

    private static HttpRequest me(String cookie) {
        return HttpRequest.newBuilder(URI.create(control.url() + "/v1/me"))
                .header("Cookie", cookie)
                .build();
    }

    @Test
    void triesANameAgainstTheSettings() {
        open("try?name=www.python.org", "www.python.org is allowed");
        browser.type("#name", "dns.google" + Keys.ENTER);
        browser.reads("dns.google is denied");
        browser.reads("a public DNS resolver");
    }
}
