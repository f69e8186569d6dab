package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** What each page is for, done as a person does it. */
@Tag("browser")
@Needs({"chromium", "chromedriver"})
class ConsoleTest {
    private static final String SCRIPT =
            "<img src=x onerror=\"document.title='owned'\"><svg onload=\"document.title='owned'\">&amp;'";

    private static Browser browser;
    private CannedControl control;

    @BeforeAll
    static void start() throws IOException {
        browser = new Browser();
        browser.prefers("light");
        browser.width(1280, 900);
    }

    @AfterAll
    static void stop() throws IOException {
        browser.close();
    }

    @BeforeEach
    void serve() {
        control = new CannedControl();
    }

    @AfterEach
    void end() {
        control.close();
    }

    private void open(String page, String shows) {
        browser.open(control.url() + "/#/acme/" + page);
        browser.reads(shows);
    }

    @Test
    void checksDomainsWhileTheyAreTypedAndAddsThem() {
        open("network-access", "api.stripe.com");
        browser.type("#allow-text", "https://api.example.com/x, .new.example.com");
        browser.reads("new.example.com and any name below it");
        assertThat(browser.see(".checked.wrong").getText()).contains("api.example.com");
        assertThat(browser.see("#allow-text").getAttribute("aria-invalid")).isEqualTo("true");

        browser.type("#allow-text", ".new.example.com *.more.example.org");
        browser.reads("any name below more.example.org");
        browser.press("Add 2");

        browser.named("button", "Remove *.more.example.org");
        browser.named("button", "Remove .new.example.com");
        assertThat(browser.see("#told").getText()).contains("2 domains added");
        assertThat(browser.script("return document.activeElement.id")).isEqualTo("allow-text");
    }

    @Test
    void removesADomainAndTakesThatBack() {
        open("network-access", "api.stripe.com");
        browser.press("Remove api.stripe.com");
        browser.reads("api.stripe.com removed.");
        assertThat(browser.all("button[aria-label='Remove api.stripe.com']")).isEmpty();

        browser.press("Undo");

        browser.named("button", "Remove api.stripe.com");
    }

    @Test
    void savesADraftOnceItWasReviewed() {
        open("network-access", "2 running sessions keep older access");
        browser.see("label[for='internet-access']").click();
        browser.reads("Sandboxes reach nothing.");
        browser.see("label[for='level-connections']").click();
        browser.reads("2 changes not saved");

        browser.press("Review and save");
        browser.reads("1 name of the last 7 days would have been allowed");
        assertThat(browser.see("dialog").getText()).contains("−", "off");
        browser.see("dialog input[type=text]").sendKeys("less is enough");
        browser.press("Save");

        browser.reads("Saved as version 4.");
        browser.readsNoLonger("not saved");
        assertThat(control.writes.getLast())
                .contains("\"level\":\"connections\"", "\"why\":\"less is enough\"");
    }

    @Test
    void asksBeforeItOpensMoreThanItSeems() {
        control.refusal =
                Map.of(
                        "status",
                        409,
                        "risks",
                        List.of(
                                Map.of(
                                        "code",
                                        "all-domains",
                                        "text",
                                        "every domain can be reached, and data can leave to any")));
        open("network-access", "All domains");
        browser.see("label[for='level-all']").click();
        browser.reads("the sandbox cannot keep anything in");
        browser.press("Review and save");
        browser.press("Save");
        browser.reads("every domain can be reached, and data can leave to any");

        browser.press("Allow it"); // not ticked: the browser says so, nothing is sent
        int sent = control.writes.size();
        browser.see("dialog input[type=checkbox]").click();
        browser.press("Allow it");

        browser.reads("Saved as version 4.");
        assertThat(control.writes).hasSize(sent + 1);
        assertThat(control.writes.getLast()).contains("\"confirm\":[\"all-domains\"]");
    }

    @Test
    void showsAProblemWhereItHappened() {
        control.refusal = CannedControl.problem(422, "the list is full; remove some first");
        open("network-access", "api.stripe.com");
        browser.type("#allow-text", "one.example.com");
        browser.reads("this name only");
        browser.press("Add");

        browser.reads("the list is full; remove some first");
        assertThat(browser.see("#allow-text-wrong").getText()).contains("the list is full");
        assertThat(browser.script("return document.activeElement.id")).isEqualTo("allow-text");
    }

    @Test
    void keepsADraftWhenSomebodyElseWasFaster() {
        control.refusal = CannedControl.problem(412, "changed meanwhile");
        open("network-access", "api.stripe.com");
        browser.see("label[for='level-none']").click();
        browser.press("Review and save");
        browser.press("Save");
        browser.reads("Someone else changed the settings meanwhile");

        browser.see("dialog").sendKeys(Keys.ESCAPE);

        browser.reads("1 change not saved");
    }

    @Test
    void saysWhyANameIsDeniedAndAllowsIt() {
        open("try", "Ask about a name");
        browser.type("#name", "api.openai.com" + Keys.ENTER);
        browser.reads("api.openai.com is denied");
        assertThat(browser.see(".verdict").getText()).contains("Denied", "Package managers");

        browser.press("Allow api.openai.com");

        browser.reads("api.openai.com is allowed by api.openai.com");
        browser.type("#name", "https://api.openai.com/v1" + Keys.ENTER);
        browser.see("#name-wrong .fault");
    }

    @Test
    void allowsWhatWasDeniedByOneClick() {
        open("denied", "By domain");
        assertThat(browser.all("svg[role=img]")).hasSize(2);
        assertThat(browser.all("svg[role=img]").getFirst().getAccessibleName())
                .startsWith("Queries over time: ");

        browser.press("Allow api.openai.com");

        browser.reads("api.openai.com added.");
        assertThat(control.writes.getLast()).contains("api.openai.com");
    }

    @Test
    void endsASessionAfterAsking() {
        open("sessions", "s-7f3k2q");
        browser.reads("OBSERVE: not enforced");
        browser.press("End session s-c04mlt");
        browser.reads("connections are cut at once");
        assertThat(control.writes).isEmpty();

        browser.press("End the session");

        browser.reads("Session s-c04mlt is being ended");
        assertThat(control.writes.getLast()).startsWith("DELETE /v1/orgs/acme/sessions/s-c04mlt");
    }

    @Test
    void deniesInAnEmergencyAndSaysWhatIsWrong() {
        open("sessions", ".evil-cdn.example");
        browser.press("Deny now");
        control.refusal = CannedControl.problem(422, "domains: there is no domain in \"\"");
        browser.press("Deny now");
        browser.reads("there is no domain in");
        browser.see("dialog .domain-text").sendKeys(".worse.example");
        browser.script("document.querySelector('dialog [type=submit]').click()");

        browser.reads(".worse.example is denied");
        assertThat(control.writes.getLast()).contains(".worse.example");
    }

    @Test
    void showsWhatAnObservedSessionNeeded() {
        open("sessions", "s-91ndx0");
        browser.press("Report of what session s-91ndx0 needed");
        browser.reads("download.docker.com");

        browser.press("Make this change");

        browser.reads("Changed. New sessions may reach");
        assertThat(control.writes.getLast()).contains("s-91ndx0");
    }

    @Test
    void rollsBackAfterShowingTheDifference() {
        open("history", "the payments team’s sandbox");
        browser.press("Roll back to version 1");
        browser.reads(".pastebin.com");
        assertThat(browser.see("dialog .minus").getText()).contains("api.stripe.com");

        browser.press("Roll back");

        browser.reads("The settings of version 1 are in force");
        browser.reads("Version 4");
        assertThat(control.writes.getLast()).contains("\"version\":1");
    }

    @Test
    void switchesAnAgentAndBackWhenItIsRefused() {
        open("agents", "support-bot");
        browser.named("input", "Code execution of support-bot").click();
        browser.reads("Code execution of support-bot is on.");
        assertThat(control.writes.getLast()).contains("\"code-execution\":true");

        control.refusal = CannedControl.problem(503, "the database is away; try again");
        browser.named("input", "Code execution of build-agent").click();

        browser.reads("the database is away; try again");
        assertThat(browser.named("input", "Code execution of build-agent").isSelected()).isTrue();
    }

    @Test
    void findsAPresetsEntry() {
        open("presets", ".pypi.org");
        browser.type("#search", "crates");
        browser.readsNoLonger(".pypi.org");
        browser.reads(".crates.io");
        browser.type("#search", "no-such-domain");
        browser.reads("No preset holds such a domain");
    }

    @Test
    void filtersAndVerifiesTheAuditTrail() {
        open("audit", "settings.change");
        browser.see("input[type=search]").sendKeys("poisoned");
        browser.reads("1 of 4 rows");
        browser.readsNoLonger("settings.change");
        browser.press("Verify");
        browser.reads("All 128 rows are as they were written.");
    }

    @Test
    void showsANewTokenOnce() {
        open("tokens", "deploy pipeline");
        browser.press("New token");
        browser.see("dialog input[type=text]").sendKeys("nightly");
        browser.press("Create");
        browser.reads("spt_4Zr8mWq2");
        assertThat(control.writes.getLast())
                .contains("\"name\":\"nightly\"", "\"expires-in-days\":90");

        browser.press("I have it");

        browser.readsNoLonger("spt_4Zr8mWq2");
        browser.named("button", "New token");
        assertThat(String.valueOf(browser.script("return document.documentElement.outerHTML")))
                .doesNotContain("spt_4Zr8mWq2");
    }

    @Test
    void signsInWithATokenOrAtTheProvider() {
        control.signedIn = false;
        control.sso = true;
        browser.open(control.url() + "/#/acme/agents");
        browser.reads("Sign in with SSO");
        assertThat(browser.named("a", "Sign in with SSO").getAttribute("href"))
                .endsWith("/signin?return=%2F%23%2Facme%2Fagents");
        browser.type("#token", "spt_wrong" + Keys.ENTER);
        browser.reads("This token is not known, has expired or was revoked.");
        browser.complaints(); // the browser tells of each 401

        browser.type("#token", "spt_right" + Keys.ENTER);

        browser.reads("support-bot");
        assertThat(browser.text()).doesNotContain("spt_");
        browser.press("Sign out");
        browser.reads("Access token");
        browser.complaints();
    }

    @Test
    void showsAViewerNothingToChange() {
        control.role = "org-viewer";
        for (String page : List.of("network-access", "sessions", "agents", "history", "denied")) {
            open(page, "acme");
            browser.see("#page-title");
            browser.readsNoLonger("Loading");
            assertThat(browser.all("main button").stream().map(one -> one.getText()))
                    .as(page)
                    .doesNotContain("Add", "Remove", "End", "Deny now", "Roll back to this");
            assertThat(browser.all("main input:enabled:not([type=search])")).as(page).isEmpty();
        }
        assertThat(browser.all("nav a")).extracting(one -> one.getText()).doesNotContain("Tokens");
    }

    @Test
    void givesTheFocusBackAfterADialog() {
        open("sessions", "s-7f3k2q");
        browser.named("button", "End session s-7f3k2q").sendKeys(Keys.ENTER);
        browser.reads("End session s-7f3k2q?");
        assertThat(browser.script("return document.activeElement.closest('dialog') !== null"))
                .isEqualTo(true);

        browser.see("dialog").sendKeys(Keys.ESCAPE);

        browser.readsNoLonger("End session s-7f3k2q?");
        assertThat(browser.script("return document.activeElement.ariaLabel"))
                .isEqualTo("End session s-7f3k2q");
    }

    @Test
    void putsTheFocusOnThePageThatOneWentTo() {
        open("network-access", "api.stripe.com");
        browser.press("Try a name");
        browser.reads("Ask about a name");
        assertThat(browser.script("return document.activeElement.id")).isEqualTo("page-title");
        assertThat(browser.driver.getTitle()).isEqualTo("Try a name · acme · Sallyport");
    }

    @Test
    void remembersTheColoursThatWereChosen() {
        open("presets", ".pypi.org");
        browser.see("#theme").sendKeys("Dark");
        assertThat(browser.script("return getComputedStyle(document.documentElement).colorScheme"))
                .isEqualTo("dark");
        browser.driver.navigate().refresh();
        browser.see("#theme");
        assertThat(browser.script("return document.documentElement.dataset.theme"))
                .isEqualTo("dark");
    }

    @Test
    void showsScriptInEveryTextAsText() {
        control.hostile = SCRIPT;
        String org = URLEncoder.encode(SCRIPT, StandardCharsets.UTF_8).replace("+", "%20");
        for (String page :
                List.of(
                        "network-access",
                        "try?name=a.example.com",
                        "denied",
                        "sessions",
                        "history",
                        "agents",
                        "presets",
                        "audit",
                        "tokens")) {
            browser.open(control.url() + "/#/" + org + "/" + page);
            browser.see("#page-title");
            browser.readsNoLonger("Loading");
            browser.reads(SCRIPT.substring(0, 30));
            assertThat(browser.all("main img, main svg[onload], dialog img")).as(page).isEmpty();
            assertThat(browser.driver.getTitle()).as(page).isNotEqualTo("owned");
        }
        assertThat(browser.complaints()).isEmpty();
    }
}
