package io.sallyport.sync.org;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.TestStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Another process that changes the same org, and says after each change that it is done. */
final class OtherProcess {
    private final Process process;
    private final BufferedReader output;

    private OtherProcess(Process process) {
        this.process = process;
        this.output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static OtherProcess start(TestStore store, String name, int changes) throws IOException {
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-cp",
                                classPath,
                                OtherProcess.class.getName(),
                                name,
                                Integer.toString(changes)));
        command.addAll(store.arguments());
        return new OtherProcess(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** The domains whose changes were reported, until the process ends by itself. */
    List<String> acknowledged() throws IOException, InterruptedException {
        List<String> lines = output.lines().toList();
        if (process.waitFor() != 0) {
            throw new IOException("the other process failed after " + lines.size() + " changes");
        }
        return lines;
    }

    /** The same, killed as soon as {@code enough} were reported. */
    List<String> acknowledgedUntilKilled(int enough) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        String line = output.readLine();
        while (line != null) {
            lines.add(line);
            if (lines.size() == enough) {
                process.toHandle().destroyForcibly(); // leaves its last words readable
            }
            line = output.readLine();
        }
        process.waitFor();
        return lines;
    }

    public static void main(String[] arguments) throws Exception {
        Author by = new Author(arguments[0], "");
        try (Database database = TestStore.open(List.of(arguments).subList(2, arguments.length))) {
            OrgStore store = OrgStore.of(database, InstantSource.system());
            try {
                store.create("acme", Settings.forNewOrg(), by);
            } catch (Refusal e) {
                if (e.kind() != Refusal.Kind.EXISTS) {
                    throw e;
                }
            }
            for (int i = 0; i < Integer.parseInt(arguments[1]); i++) {
                String domain = arguments[0] + "-" + i + ".example";
                store.change(
                        "acme",
                        OptionalLong.empty(),
                        List.of(new Change.Allow(Settings.patterns(domain))),
                        by);
                System.out.println(domain);
                System.out.flush();
            }
        }
    }
}
