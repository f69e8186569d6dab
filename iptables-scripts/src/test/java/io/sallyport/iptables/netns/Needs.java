package io.sallyport.iptables.netns;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.opentest4j.TestAbortedException;

/**
 * The test class works on a real kernel: it needs root and these programs. Without them it fails in
 * CI ({@code CI=true}) and is skipped with the reason on a laptop.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(Needs.Check.class)
@Tag("netns")
public @interface Needs {
    /**
     * Programs beside {@code ip}, {@code nsenter}, {@code iptables} and {@code ipset}; with a path
     * those that are in no PATH.
     */
    String[] value() default {};

    /** Looks before the first test of the class. */
    final class Check implements BeforeAllCallback {
        private static final List<String> DIRECTORIES =
                List.of(
                        "/usr/local/sbin",
                        "/usr/local/bin",
                        "/usr/sbin",
                        "/usr/bin",
                        "/sbin",
                        "/bin");

        @Override
        public void beforeAll(ExtensionContext context) {
            List<String> missing = new ArrayList<>();
            if (!System.getProperty("user.name").equals("root")) {
                missing.add("root");
            }
            List<String> programs = new ArrayList<>(List.of("ip", "nsenter", "iptables", "ipset"));
            Needs needs = context.getRequiredTestClass().getAnnotation(Needs.class);
            programs.addAll(needs == null ? List.of() : List.of(needs.value()));
            for (String program : programs) {
                if (DIRECTORIES.stream()
                        .noneMatch(directory ->
                                Files.isExecutable(Path.of(directory).resolve(program)))) {
                    missing.add(program);
                }
            }
            if (missing.isEmpty()) {
                return;
            }
            String reason =
                    "needs "
                            + String.join(", ", missing)
                            + "; run ./sallyport verify as root to install programs";
            if ("true".equals(System.getenv("CI"))) {
                throw new AssertionError(reason);
            }
            throw new TestAbortedException(reason);
        }
    }
}
