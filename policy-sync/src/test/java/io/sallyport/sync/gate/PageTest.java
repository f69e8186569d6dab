package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns.Result;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.port.FreePort;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebDriver;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.support.ui.ExpectedConditions;
import org.openqa.selenium.support.ui.FluentWait;
import org.openqa.selenium.support.ui.WebDriverWait;

/**
 * The whole way: a domain is added in the page, in a real browser, and a sandbox that is born after
 * it reaches it. A control server in the test's namespace and the node in its own share a store.
 */
@Needs({"nsd", "curl", "chromium", "chromedriver"})
class PageTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String URL = "http://api.example.com/";

    private static final List<String> LOG = new CopyOnWriteArrayList<>();
    private static Gate gate;
    private static Process control;
    private static ChromeDriver browser;

    @BeforeAll
    static void open() throws IOException {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        List<String> command =
                new ArrayList<>(World.sallyport("control", "--data", gate.data().toString()));
        command.addAll(List.of("--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0"));
        control = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(control.getInputStream(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(() -> output.lines().forEach(LOG::add));
        Gate.await("the control server tells where it is: " + LOG, () -> address() != null);
        ChromeOptions options = new ChromeOptions();
        options.setBinary("/usr/bin/chromium");
        options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu");
        options.addArguments("--disable-dev-shm-usage", "--window-size=1280,1000");
        browser =
                new ChromeDriver(
                        new ChromeDriverService.Builder()
                                .usingDriverExecutable(Path.of("/usr/bin/chromedriver").toFile())
                                .usingPort(FreePort.any())
                                .build(),
                        options);
    }

    @AfterAll
    static void close() throws InterruptedException {
        if (browser != null) {
            browser.quit();
        }
        if (control != null) {
            control.descendants().forEach(ProcessHandle::destroy);
            control.destroy();
            control.waitFor(20, TimeUnit.SECONDS);
        }
        gate.close();
    }

    private static @Nullable String address() {
        try {
            return new DataDirectory(gate.data()).endpoints().get("control");
        } catch (IOException e) {
            return null;
        }
    }

    @Test
    void domainAddedInThePageOpensForTheNextSandboxAndNotForTheOneThatRuns() throws IOException {
        Sandbox before = gate.sandbox("sb0", "acme");
        assertThat(fetch(before)).as("before the change").doesNotContain("internet for");

        browser.get(address() + "/");
        type("#token", Files.readString(gate.data().resolve("admin.token")).strip());
        type("#allow-text", "api.example.com");
        reads("Remove api.example.com");

        Sandbox after = gate.sandbox("sb1", "acme");
        assertThat(fetch(after)).startsWith("internet for ").contains("as api.example.com");
        assertThat(fetch(before)).as("the session that ran").doesNotContain("internet for");
    }

    private static String fetch(Sandbox sandbox) {
        Result result = sandbox.run("curl", "-sS", "-m", "5", URL);
        return result.output();
    }

    private static void type(String css, String text) {
        WebElement field =
                patience().until(ExpectedConditions.elementToBeClickable(By.cssSelector(css)));
        field.sendKeys(text, Keys.ENTER);
    }

    private static void reads(String name) {
        patience()
                .until(_ ->
                        browser.findElements(By.cssSelector("button")).stream()
                                .anyMatch(button -> name.equals(button.getAccessibleName())));
    }

    /** The page is drawn anew when it changes, and what was found is gone then. */
    private static FluentWait<WebDriver> patience() {
        return new WebDriverWait(browser, PATIENCE).ignoring(StaleElementReferenceException.class);
    }
}
