package io.sallyport.sync.console;

import io.sallyport.iptables.netns.Needs;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;

/** One browser for all tests of a class, and a server with its own answers for each. */
@Tag("browser")
@Needs({"chromium", "chromedriver"})
abstract class CannedPages {
    @SuppressWarnings("NullAway.Init") // set before all tests
    static Browser browser;

    @SuppressWarnings("NullAway.Init") // set before each test
    CannedControl control;

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

    final void open(String page, String shows) {
        browser.open(control.url() + "/#/acme/" + page);
        browser.reads(shows);
    }
}
