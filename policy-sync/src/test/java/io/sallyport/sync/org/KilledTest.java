package io.sallyport.sync.org;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Verdict.Intact;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.TestStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was said to be done is done, whoever is killed. */
final class KilledTest {
    private static final int CHANGES = 20_000;

    private static final int KILLED_AT = 500;

    @TempDir private Path directory;

    @ParameterizedTest
    @EnumSource(Backend.class)
    void aKilledProcessLosesNoChangeThatItReportedAndLeavesNoHalf(Backend backend)
            throws Exception {
        TestStore store = backend.store(directory);
        List<String> reported =
                OtherProcess.start(store, "killed", CHANGES).acknowledgedUntilKilled(KILLED_AT);
        assertThat(reported).hasSizeBetween(KILLED_AT, CHANGES - 1);
        try (Database database = store.open()) {
            assertWhole(database, reported);
            assertThat(OtherProcess.start(store, "next", 5).acknowledged()).hasSize(5);
            assertWhole(database, reported);
        }
    }

    /** Every reported change is there, each version follows the one before, each has its row. */
    static void assertWhole(Database database, List<String> reported) throws Exception {
        OrgStore orgs = OrgStore.of(database, InstantSource.system());
        List<Version> versions = orgs.history("acme", Integer.MAX_VALUE).reversed();
        Set<String> allowed =
                versions.getLast().settings().allow().stream()
                        .map(DomainPattern::toString)
                        .collect(Collectors.toSet());
        assertThat(allowed).containsAll(reported);
        for (int i = 0; i < versions.size(); i++) {
            assertThat(versions.get(i).number()).isEqualTo(i + 1);
            assertThat(versions.get(i).settings().allow()).hasSize(i);
        }
        assertThat(new AuditTrail(database).verify())
                .isInstanceOfSatisfying(
                        Intact.class,
                        intact -> assertThat(intact.rows()).isEqualTo(versions.size()));
    }
}
