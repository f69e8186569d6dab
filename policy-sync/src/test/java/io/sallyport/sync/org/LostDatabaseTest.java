package io.sallyport.sync.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.store.CrashingServer;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database server that dies in the middle of changes, and comes back. */
final class LostDatabaseTest {
    private static final Author ANN = new Author("ann", "");
    private static final int CHANGES = 20_000;
    private static final int KILLED_AT = 500;

    @TempDir private Path directory;

    @Test
    void aKilledServerLosesNoChangeThatWasReportedAndLeavesNoHalf() throws Exception {
        try (CrashingServer server = new CrashingServer(directory);
                Database database = server.store().open();
                ExecutorService workers = Executors.newFixedThreadPool(1)) {
            OrgStore orgs = OrgStore.of(database, InstantSource.system());
            orgs.create("acme", Settings.forNewOrg(), ANN);
            List<String> reported = new ArrayList<>();
            List<Future<Boolean>> killing = new ArrayList<>();
            int i = 0;
            try {
                for (; i < CHANGES; i++) {
                    if (i == KILLED_AT) {
                        killing.add(workers.submit(server::kill));
                    }
                    reported.add(allow(orgs, "n" + i + ".example"));
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("cannot be used");
            }
            assertThat(killing).hasSize(1);
            assertThat(killing.getFirst().get()).isTrue();
            assertThat(i).isBetween(KILLED_AT, CHANGES - 1);
            assertThatThrownBy(() -> orgs.current("acme")).isInstanceOf(IOException.class);
            server.restart();
            reported.add(allowAtLast(orgs, "after.example"));
            KilledTest.assertWhole(database, reported);
        }
    }

    /** The pool looks for the server again every five seconds only, after a while. */
    private static String allowAtLast(OrgStore orgs, String domain) throws Exception {
        for (int tries = 1; ; tries++) {
            try {
                return allow(orgs, domain);
            } catch (IOException e) {
                if (tries == 5) {
                    throw e;
                }
            }
        }
    }

    private static String allow(OrgStore orgs, String domain) throws Exception {
        orgs.change(
                "acme",
                OptionalLong.empty(),
                List.of(new Change.Allow(Settings.patterns(domain))),
                ANN);
        return domain;
    }
}
