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
    private static final int CHANGES = 1_000;

    @TempDir private Path directory;

    @Test
    void aKilledServerLosesNoChangeThatWasReportedAndLeavesNoHalf() throws Exception {
        try (CrashingServer server = new CrashingServer(directory);
                Database database = server.store().open();
                ExecutorService workers = Executors.newFixedThreadPool(1)) {
            OrgStore orgs = OrgStore.of(database, InstantSource.system());
            orgs.create("acme", Settings.forNewOrg(), ANN);
            List<String> reported = new ArrayList<>();
            Future<Boolean> killed = null;
            int i = 0;
            try {
                for (; i < CHANGES; i++) {
                    if (i == CHANGES / 2) {
                        killed = workers.submit(server::kill);
                    }
                    reported.add(allow(orgs, "n" + i + ".example"));
                }
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("cannot be used");
            }
            assertThat(killed).isNotNull();
            assertThat(killed.get()).isTrue();
            assertThat(i).isBetween(CHANGES / 2, CHANGES - 1);
            assertThatThrownBy(() -> orgs.current("acme")).isInstanceOf(IOException.class);
            server.restart();
            reported.add(allow(orgs, "after.example"));
            KilledTest.assertWhole(database, reported);
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
