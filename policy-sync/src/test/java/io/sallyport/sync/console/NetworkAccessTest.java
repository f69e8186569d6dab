package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.Keys;

/** The page that settings are changed on: domains at once, all else as a draft. */
class NetworkAccessTest extends CannedPages {
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
    void asksBeforeItRemovesADenialThatKeptSomethingClosed() {
        control.refusal =
                Map.of(
                        "status",
                        409,
                        "risks",
                        List.of(
                                Map.of(
                                        "code",
                                        "user-content",
                                        "text",
                                        "anyone may publish there")));
        open("network-access", ".pastebin.com");
        browser.press("Remove .pastebin.com");
        browser.reads("This opens more than it seems");
        browser.see("dialog input[type=checkbox]").click();

        browser.press("Allow it");

        browser.reads(".pastebin.com removed.");
        assertThat(control.writes.getLast()).contains("list=deny", "confirm=user-content");
    }

    @Test
    void keepsWhatIsTypedAndTheFocusWhenADomainIsRemoved() {
        open("network-access", "api.stripe.com");
        browser.type("#allow-text", "half.typed.example");
        browser.press("Remove .sentry.io");
        browser.reads(".sentry.io removed.");
        assertThat(browser.see("#allow-text").getAttribute("value"))
                .isEqualTo("half.typed.example");
        assertThat(String.valueOf(browser.script("return document.activeElement.ariaLabel")))
                .startsWith("Remove ");
    }

    @Test
    void keepsADraftOverAnotherPageAReloadAndANewSignIn() {
        open("network-access", "api.stripe.com");
        browser.see("label[for='level-none']").click();
        browser.reads("1 change not saved");
        browser.press("Try a name");
        browser.reads("Ask about a name");
        browser.press("Network access");
        browser.reads("1 change not saved");
        control.signedIn = false;
        browser.driver.navigate().refresh();
        browser.type("#token", "spt_right" + Keys.ENTER);
        browser.reads("1 change not saved");

        browser.press("Sign out");
        browser.type("#token", "spt_right" + Keys.ENTER);

        browser.reads("Network access");
        browser.reads("api.stripe.com");
        browser.readsNoLonger("not saved");
        browser.complaints();
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

        browser.reads("The list is full; remove some first");
        assertThat(browser.see("#allow-text-wrong").getText()).contains("The list is full");
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
}
