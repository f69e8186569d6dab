package io.sallyport.sync.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
                    new Page("presets", ".pypi.org"),
                    new Page("audit", "settings.change"),
                    new Page("tokens", "deploy pipeline"));

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
        browser.open(control.url() + "/#/acme/" + page.address());
        browser.reads(page.shows());
    }

    private static String name(Page page) {
        return page.address().replaceAll("\\?.*", "");
    }

    @Test
    void everyPageIsAccessibleInLightAndDark() throws IOException {
        List<String> findings = new ArrayList<>();
        for (String scheme : List.of("light", "dark")) {
            browser.prefers(scheme);
            browser.width(1280, 900);
            for (Page page : PAGES) {
                open(page);
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

    private static void keep(String name, int width) throws IOException {
        Object height = browser.script("return document.documentElement.scrollHeight");
        browser.width(
                width,
                Math.max(780, ((Number) java.util.Objects.requireNonNull(height)).intValue()));
        Files.write(PICTURES.resolve(name + ".png"), browser.picture());
        browser.width(width, 900);
    }
}
