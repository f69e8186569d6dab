package io.sallyport.sync.store;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database.Refusal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Another process that changes the same org. */
final class OtherProcess {
    private OtherProcess() {}

    static Process start(Path data, String name, int changes) throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath,
                        OtherProcess.class.getName(),
                        data.toString(),
                        name,
                        Integer.toString(changes))
                .redirectErrorStream(true)
                .start();
    }

    public static void main(String[] arguments) throws Exception {
        Author by = new Author(arguments[1], "");
        try (OrgStore store = OrgStore.open(Path.of(arguments[0]))) {
            try {
                store.create("acme", Settings.forNewOrg(), by);
            } catch (Refusal e) {
                if (e.kind() != Refusal.Kind.EXISTS) {
                    throw e;
                }
            }
            for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
                store.change(
                        "acme",
                        OptionalLong.empty(),
                        List.of(
                                new Change.Allow(
                                        Settings.patterns(arguments[1] + "-" + i + ".example"))),
                        by);
            }
        }
    }
}
