package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** What each page is for, done as a person does it. */
class ConsoleTest extends CannedPages {
    private static final String SCRIPT =
            "<img src=x onerror=\"document.title='owned'\"><svg onload=\"document.title='owned'\">&amp;'";

    @Test
    void findsOneOfManySessionsAndShowsTheRestByAndBy() {
        control.sessions = 300;
        open("sessions", "304 sessions");
        assertThat(browser.all("tbody tr td.head")).hasSizeBetween(50, 52);
        browser.press("Show 50 more");
        browser.reads("100 of 304");
        browser.see("input[type=search]").sendKeys("w2v8");
        browser.reads("1 of 304 sessions");
        browser.see("input[type=search]").clear();
        browser.see("input[type=search]").sendKeys("build-agent");
        browser.press("Older access");
        browser.reads("1 of 304 sessions");
        browser.reads("s-c04mlt");
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
        browser.see("svg[role=img][aria-label^='Queries over time: ']");
        assertThat(browser.all("svg[role=img]")).hasSize(2);

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
        browser.script("document.querySelector('dialog [type=submit]').click()");
        browser.reads("Write a domain, such as .example.com.");
        browser.see("dialog .domain-text").sendKeys(".worse.example");
        browser.reads("worse.example and any name below it");
        control.refusal = CannedControl.problem(422, "the list of denials is full; lift some");
        browser.script("document.querySelector('dialog [type=submit]').click()");
        browser.reads("The list of denials is full; lift some");
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

        browser.reads("The database is away; try again");
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
        browser.reads("1 row found");
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
    void signsSomebodyOutAfterAsking() {
        open("sign-ins", "jonas@acme.example");
        browser.press("Sign out jonas@acme.example");
        browser.reads("1 browser is signed out at once.");

        browser.script("document.querySelector('dialog [type=submit]').click()");

        browser.reads("jonas@acme.example is signed out.");
        assertThat(control.writes.getLast()).startsWith("DELETE /v1/sign-ins/person-1");
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
        for (String page :
                List.of(
                        "network-access",
                        "sessions",
                        "agents",
                        "namespaces",
                        "history",
                        "denied")) {
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
    void drawsSessionsAnewOnlyWhenMoreThanTheirHeartbeatsDiffers() {
        open("sessions", "s-7f3k2q");
        int looks = control.looks.get();
        browser.script("document.querySelector('tbody tr').dataset.drawn = 'before'");

        browser.until("it looked twice more", () -> control.looks.get() >= looks + 2);
        assertThat(browser.script("return document.querySelector('tbody tr').dataset.drawn"))
                .isEqualTo("before");

        control.sessions = 1;
        browser.reads("5 sessions");
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
                        "namespaces",
                        "presets",
                        "audit",
                        "tokens",
                        "sign-ins")) {
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
