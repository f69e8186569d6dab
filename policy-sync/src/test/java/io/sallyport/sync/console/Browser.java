package io.sallyport.sync.console;

import io.sallyport.sync.port.FreePort;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.JavascriptExecutor;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.WebDriverWait;

/** Chromium, as a person would use it, and what it complained about. */
final class Browser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String AXE =
            """
            const done = arguments[arguments.length - 1];
            axe.run(document, {resultTypes: ['violations']}).then(
                (found) => done(found.violations
                    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
                    .map((one) => one.id + ': ' + one.nodes.map((node) => node.target.join(' ') + ' ' + node.failureSummary).join('; '))),
                (failure) => done(['axe failed: ' + failure]));
            """;

    final ChromeDriver driver;
    private final Path profile;

    Browser() throws IOException {
        profile = Files.createTempDirectory("browser");
        LoggingPreferences logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        ChromeOptions options = new ChromeOptions();
        options.setBinary(program("chromium").toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox", // as root there is none to be had
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--disable-background-networking",
                "--no-first-run",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
                "--user-data-dir=" + profile,
                "--window-size=1280,900");
        options.setCapability("goog:loggingPrefs", logs);
        ChromeDriverService service =
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(program("chromedriver").toFile())
                        .usingPort(FreePort.any())
                        .build();
        driver = new ChromeDriver(service, options);
        driver.manage().timeouts().scriptTimeout(PATIENCE);
    }

    private static Path program(String name) {
        for (String directory : List.of("/usr/bin", "/usr/local/bin", "/snap/bin")) {
            Path path = Path.of(directory, name);
            if (Files.isExecutable(path)) {
                return path;
            }
        }
        throw new IllegalStateException(name + " is missing; @Needs should have said so");
    }

    void open(String url) {
        driver.get("about:blank");
        driver.get(url);
    }

    /** The one element that is there and to be seen, waited for. */
    WebElement see(String css) {
        return Objects.requireNonNull(
                wait(
                        () ->
                                all(css).stream()
                                        .filter(WebElement::isDisplayed)
                                        .findFirst()
                                        .orElse(null),
                        css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Waits until the page, as one reads it, has these words. */
    void reads(String words) {
        wait(() -> text().contains(words) ? Boolean.TRUE : null, "the words " + words);
    }

    void until(String what, BooleanSupplier condition) {
        wait(() -> condition.getAsBoolean() ? Boolean.TRUE : null, what);
    }

    /** Waits until they are gone. */
    void readsNoLonger(String words) {
        wait(() -> text().contains(words) ? null : Boolean.TRUE, "the end of the words " + words);
    }

    String text() {
        return String.valueOf(script("return document.body.innerText"));
    }

    /** The button or link with this name, as a screen reader says it. */
    WebElement named(String css, String name) {
        return Objects.requireNonNull(
                wait(
                        () ->
                                all(css).stream()
                                        .filter(WebElement::isDisplayed)
                                        .filter(one -> name.equals(one.getAccessibleName()))
                                        .findFirst()
                                        .orElse(null),
                        css + " named " + name));
    }

    void press(String name) {
        wait(
                () -> {
                    named("button, a", name).click(); // once more if it was drawn anew meanwhile
                    return Boolean.TRUE;
                },
                "a press of " + name);
    }

    /** As people type: into what is there, after taking away what was there. */
    void type(String css, String text) {
        WebElement field = see(css);
        field.clear();
        field.sendKeys(text);
    }

    private interface Look<T> {
        @Nullable T now();
    }

    private <T> T wait(Look<T> look, String what) {
        return new WebDriverWait(driver, PATIENCE, Duration.ofMillis(50))
                .ignoring(org.openqa.selenium.StaleElementReferenceException.class)
                .withMessage(() -> "no sign of " + what + " in:\n" + text())
                .until(ignored -> look.now());
    }

    @Nullable Object script(String script, Object... arguments) {
        return ((JavascriptExecutor) driver).executeScript(script, arguments);
    }

    /** Width in CSS pixels; a window cannot be made as narrow as a phone. */
    void width(int pixels, int height) {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", pixels, "height", height, "deviceScaleFactor", 1, "mobile", false));
    }

    /** Sent with every request from now on. */
    void header(String name, String value) {
        driver.executeCdpCommand("Network.enable", Map.of());
        driver.executeCdpCommand(
                "Network.setExtraHTTPHeaders", Map.of("headers", Map.of(name, value)));
    }

    /** What the system would say: light or dark. */
    void prefers(String scheme) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", scheme),
                                // An animation half-way has half its contrast.
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /** Serious and critical findings of axe-core on the page as it is. */
    List<String> findings() throws IOException {
        if (Boolean.FALSE.equals(script("return 'axe' in window"))) {
            try (InputStream axe = Browser.class.getResourceAsStream("/axe.min.js")) {
                script(
                        new String(
                                Objects.requireNonNull(axe).readAllBytes(),
                                StandardCharsets.UTF_8));
            }
        }
        List<String> findings = new ArrayList<>();
        ((List<?>) Objects.requireNonNull(driver.executeAsyncScript(AXE)))
                .forEach(one -> findings.add(String.valueOf(one)));
        return findings;
    }

    /** What the browser's console said since it was last asked: errors, and CSP violations. */
    List<String> complaints() {
        return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
                .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
                .map(entry -> entry.getLevel() + " " + entry.getMessage())
                .toList();
    }

    byte[] picture() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    @Override
    public void close() throws IOException {
        driver.quit();
        try (var left = Files.walk(profile)) {
            left.sorted(java.util.Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        }
    }
}
