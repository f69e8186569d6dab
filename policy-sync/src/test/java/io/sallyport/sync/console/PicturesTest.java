package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each page in each size and colour: fits, is accessible, and says nothing in the browser's
 * console. The pictures are kept in {@code target/console} to be looked at.
 */
@Tag("browser")
@Needs({"chromium", "chromedriver"})
class PicturesTest {
    private static final Path PICTURES = Path.of("target", "console");

    /** A page, and what it shows once it is there. */
    private record Page(String address, String shows) {}

    private static final List<Page> PAGES =
            List.of(
                    new Page("network-access", "Custom domains"),
                    new Page("try?name=download.docker.com", "Decided by"),
                    new Page("denied", "By domain"),
                    new Page("sessions", "s-7f3k2q"),
                    new Page("history", "in force"),
                    new Page("agents", "support-bot"),
                    new Page("namespaces", "team-agents"),
                    new Page("presets", ".pypi.org"),
                    new Page("audit", "settings.change"),
                    new Page("tokens", "deploy pipeline"),
                    new Page("sign-ins", "jonas@acme.example"));

    private static final List<String> SCHEMES = List.of("light", "dark");

    private static CannedControl control;
    private static Browser browser;

    @BeforeAll
    static void start() throws IOException {
        control = new CannedControl();
        browser = new Browser();
        Files.createDirectories(PICTURES);
    }

    @AfterAll
    static void stop() throws IOException {
        browser.close();
        control.close();
    }

    @BeforeEach
    void truthfully() {
        control.hostile = "";
        control.signedIn = true;
    }

    private static void open(Page page) {
        // A page takes half a second; a file of the same origin takes none.
        browser.open(control.url() + "/console/base.css");
        browser.script("sessionStorage.clear()"); // of the drafts of the test before
        browser.open(control.url() + "/#/acme/" + page.address());
        browser.reads(page.shows());
    }

    private static String name(Page page) {
        return page.address().replaceAll("\\?.*", "");
    }

    @Test
    void everyPageIsAccessibleInLightAndDark() throws IOException {
        List<String> findings = new ArrayList<>();
        browser.width(1280, 900);
        for (Page page : PAGES) {
            open(page);
            for (String scheme : SCHEMES) {
                browser.prefers(scheme);
                browser.findings().forEach(one -> findings.add(scheme + " " + page + " " + one));
                keep(name(page) + "-" + scheme, 1280);
            }
        }
        assertThat(findings).isEmpty();
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void everyPageFitsOnAPhone() throws IOException {
        List<String> wide = new ArrayList<>();
        browser.prefers("light");
        for (Page page : PAGES) {
            browser.width(360, 780);
            open(page);
            Object width = browser.script("return document.documentElement.scrollWidth");
            if (((Number) java.util.Objects.requireNonNull(width)).intValue() > 360) {
                wide.add(page + " is " + width + " wide");
            }
            browser.findings().forEach(one -> wide.add(page + " " + one));
            keep(name(page) + "-phone", 390);
        }
        assertThat(wide).isEmpty();
    }

    /** What is open now, in light and dark. */
    private static void look(String name, List<String> findings) throws IOException {
        for (String scheme : SCHEMES) {
            browser.prefers(scheme);
            browser.findings().forEach(one -> findings.add(name + " " + scheme + " " + one));
            Files.write(PICTURES.resolve(name + "-" + scheme + ".png"), browser.picture());
        }
    }

    @Test
    void whatOpensIsAccessibleToo() throws IOException {
        List<String> findings = new ArrayList<>();
        browser.width(1280, 900);
        open(PAGES.getFirst());
        typeDomains();
        look("checking", findings);
        open(PAGES.getFirst());
        review();
        look("review", findings);
        risks();
        look("risks", findings);
        open(PAGES.getFirst());
        unfold();
        look("advanced", findings);
        open(page("sessions"));
        report();
        look("report", findings);
        open(page("tokens"));
        browser.press("New token");
        look("token", findings);
        control.signedIn = false;
        control.sso = true;
        browser.open(control.url());
        browser.reads("Sign in with SSO");
        look("sign-in", findings);
        browser.complaints(); // each 401 and 409 is told of
        assertThat(findings).isEmpty();
    }

    @Test
    void theMenuOpensOnAPhone() throws IOException {
        browser.prefers("light");
        browser.width(390, 844);
        open(PAGES.getFirst());
        assertThat(browser.all("nav a").getFirst().isDisplayed()).isFalse();

        browser.press("Menu");

        assertThat(browser.all("nav a").getFirst().isDisplayed()).isTrue();
        assertThat(browser.findings()).isEmpty();
        Files.write(PICTURES.resolve("menu-phone.png"), browser.picture());
        browser.press("Denied");
        browser.reads("By domain");
    }

    private static Page page(String name) {
        return PAGES.stream().filter(page -> page.address().equals(name)).findFirst().orElseThrow();
    }

    private static void typeDomains() {
        browser.type("#allow-text", "https://api.example.com/v1, *.github.io .new.example.com");
        browser.reads("new.example.com and any name below it");
        browser.script("document.getElementById('allow-text').scrollIntoView({block: 'center'})");
    }

    private static void review() {
        browser.see("label[for='level-all']").click();
        browser.press("Review and save");
        browser.reads("would have been allowed");
    }

    private static void risks() {
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
                                        "With level all a session reaches every server on the internet, so"
                                                + " whatever it can read, it can send away.")));
        browser.press("Save");
        browser.reads("it can send away");
        control.refusal = Map.of();
    }

    private static void unfold() {
        browser.see(".advanced summary").click();
        browser.all(".contents summary").get(1).click();
        browser.script("document.querySelector('.advanced').scrollIntoView()");
    }

    private static void report() {
        browser.press("Report of what session s-91ndx0 needed");
        browser.reads("The smallest change");
    }

    private static void keep(String name, int width) throws IOException {
        Object height = browser.script("return document.documentElement.scrollHeight");
        browser.width(
                width,
                Math.max(780, ((Number) java.util.Objects.requireNonNull(height)).intValue()));
        Files.write(PICTURES.resolve(name + ".png"), browser.picture());
        browser.width(width, 900);
    }
}
