package io.sallyport.sync.org;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.audit.AuditTrail.Verdict.Intact;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore.Agent;
import io.sallyport.sync.org.OrgStore.Mapping;
import io.sallyport.sync.org.OrgStore.Outcome;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.EachStore;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class OrgStoreTest extends EachStore {
    private static final Author ANN = new Author("ann", "");
    private static final Author BOB = new Author("bob", "the CRM moved");

    @SuppressWarnings("NullAway.Init") // set before each test
    private OrgStore orgs;

    OrgStoreTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() {
        orgs = OrgStore.of(database, () -> NOON);
    }

    private static List<Change> allow(String patterns) {
        return List.of(new Change.Allow(Settings.patterns(patterns)));
    }

    private static Outcome change(OrgStore orgs, List<Change> changes) throws Exception {
        return orgs.change("acme", OptionalLong.empty(), changes, BOB);
    }

    @Test
    void keepsWhatItWasTold() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        change(orgs, allow(".a.example, *.b.example, c.example:8443"));
        database.close();
        database = store.open();
        open();
        Version current = orgs.current("acme");
        assertThat(current.number()).isEqualTo(2);
        assertThat(current.at()).isEqualTo(NOON);
        assertThat(current.by()).isEqualTo(BOB);
        assertThat(current.settings())
                .isEqualTo(
                        Settings.forNewOrg()
                                .with(
                                        new Change.Allow(
                                                Settings.patterns(
                                                        ".a.example, *.b.example, c.example:8443"))));
    }

    @Test
    void reportsDamagedSettingsInsteadOfGuessing() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        store.tamper("UPDATE org_settings SET document = '{\"level\":\"all\"}'");
        assertThatThrownBy(() -> orgs.current("acme"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 1 of org acme are damaged");
    }

    @Test
    void anUnknownOrgIsRefusedWithTheCommandThatMakesIt() throws Exception {
        assertRefused(
                Refusal.Kind.UNKNOWN, () -> orgs.current("acme"), "sallyport org create acme");
        assertRefused(Refusal.Kind.UNKNOWN, () -> change(orgs, allow("a.example")), "acme");
        assertRefused(Refusal.Kind.UNKNOWN, () -> orgs.history("acme", 1), "acme");
        assertRefused(
                Refusal.Kind.UNKNOWN, () -> orgs.setCodeExecution("acme", "x", false, ANN), "acme");
    }

    @Test
    void anOrgIsCreatedOnce() throws Exception {
        orgs.create("acme", Settings.forImportedOrg(), ANN);
        assertRefused(
                Refusal.Kind.EXISTS,
                () -> orgs.create("acme", Settings.forNewOrg(), BOB),
                "exists already");
        assertThat(orgs.current("acme").settings().level()).isEqualTo(Level.ALL);
    }

    private static void assertRefused(Refusal.Kind kind, Callable<?> call, String sentence) {
        assertThatThrownBy(call::call)
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.kind()).isEqualTo(kind))
                .hasMessageContaining(sentence);
    }

    @Test
    void aChangeThatChangesNothingMakesNoVersion() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        change(orgs, allow("a.example"));
        Outcome again = change(orgs, allow("A.EXAMPLE"));
        assertThat(again.changed()).isFalse();
        assertThat(again.now().number()).isEqualTo(2);
        assertThat(orgs.history("acme", 10)).hasSize(2);
    }

    @Test
    void editsOfOneChangeAreAppliedTogetherOrNotAtAll() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        List<DomainPattern> withPort = Settings.patterns("a.example:1");
        assertThatThrownBy(() ->
                        change(
                                orgs,
                                List.of(new Change.SetLevel(Level.ALL), new Change.Deny(withPort))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(orgs.current("acme").number()).isEqualTo(1);
        Outcome both =
                change(
                        orgs,
                        List.of(new Change.SetLevel(Level.NONE), new Change.SetInternet(false)));
        assertThat(both.now().number()).isEqualTo(2);
        assertThat(both.now().settings().since(both.before().settings())).hasSize(2);
    }

    @Test
    void aChangeForAnOldVersionIsRefused() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        change(orgs, allow("a.example"));
        assertRefused(
                Refusal.Kind.STALE,
                () -> orgs.change("acme", OptionalLong.of(1), allow("b.example"), ANN),
                "at version 2, not 1: bob changed it");
        assertThat(orgs.change("acme", OptionalLong.of(2), allow("b.example"), ANN).now().number())
                .isEqualTo(3);
    }

    @Test
    void historyIsNewestFirstAndNeverChanges() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        for (int i = 0; i < 5; i++) {
            change(orgs, allow("n" + i + ".example"));
        }
        assertThat(orgs.history("acme", 3)).extracting(Version::number).containsExactly(6L, 5L, 4L);
        assertThat(orgs.history("acme", 99).getLast().settings()).isEqualTo(Settings.forNewOrg());
    }

    @Test
    void listsOrgsByNameWithTheSettingsInForce() throws Exception {
        orgs.create("zeta", Settings.forImportedOrg(), ANN);
        orgs.create("acme", Settings.forNewOrg(), ANN);
        change(orgs, List.of(new Change.SetLevel(Level.NONE)));
        assertThat(orgs.orgs()).extracting(Version::org).containsExactly("acme", "zeta");
        assertThat(orgs.orgs()).extracting(Version::number).containsExactly(2L, 1L);
    }

    @Test
    void anAgentMayRunCodeUntilItIsSwitchedOff() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        assertThat(orgs.codeExecution("acme", "new")).isTrue();
        assertThat(orgs.setCodeExecution("acme", "new", true, ANN)).isFalse();
        assertThat(orgs.setCodeExecution("acme", "new", false, BOB)).isTrue();
        assertThat(orgs.setCodeExecution("acme", "new", false, ANN)).isFalse();
        assertThat(orgs.codeExecution("acme", "new")).isFalse();
        assertThat(orgs.codeExecution("other", "new")).isTrue();
        assertThat(orgs.agents("acme")).containsExactly(new Agent("acme", "new", false, NOON, BOB));
        assertThat(orgs.setCodeExecution("acme", "new", true, ANN)).isTrue();
        assertThat(orgs.codeExecution("acme", "new")).isTrue();
    }

    @Test
    void aVersionMayBePutInForceAgain() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        change(orgs, allow("a.example"));
        change(orgs, List.of(new Change.SetLevel(Level.ALL)));
        Outcome back = orgs.rollback("acme", 1, OptionalLong.of(3), BOB);
        assertThat(back.now().number()).isEqualTo(4);
        assertThat(back.now().settings()).isEqualTo(Settings.forNewOrg());
        assertThat(orgs.version("acme", 3).settings().level()).isEqualTo(Level.ALL);
        assertThat(orgs.rollback("acme", 1, OptionalLong.empty(), BOB).changed()).isFalse();
        assertRefused(
                Refusal.Kind.UNKNOWN,
                () -> orgs.rollback("acme", 9, OptionalLong.empty(), BOB),
                "org acme has no version 9; it is at version 4");
        assertRefused(
                Refusal.Kind.STALE,
                () -> orgs.rollback("acme", 2, OptionalLong.of(3), BOB),
                "at version 4, not 3");
    }

    @Test
    void pagesBeginWhereTheLastOneEnded() throws Exception {
        for (String org : List.of("b", "a", "C", "c", "B2")) {
            orgs.create(org, Settings.forNewOrg(), ANN);
        }
        assertThat(orgs.orgs("", 2)).extracting(Version::org).containsExactly("B2", "C");
        assertThat(orgs.orgs("C", 9)).extracting(Version::org).containsExactly("a", "b", "c");
        for (int i = 0; i < 4; i++) {
            orgs.change("a", OptionalLong.empty(), allow("n" + i + ".example"), ANN);
        }
        assertThat(orgs.history("a", 4, 2)).extracting(Version::number).containsExactly(3L, 2L);
    }

    @Test
    void everyChangeHasItsRowInTheTrail() throws Exception {
        Author admin = new Author("eve", "org-admin", "the CRM moved");
        orgs.create("acme", Settings.forNewOrg(), ANN);
        orgs.change("acme", OptionalLong.empty(), allow(".a.example"), admin);
        change(orgs, allow(".a.example"));
        orgs.setCodeExecution("acme", "builder", false, BOB);
        orgs.rollback("acme", 1, OptionalLong.empty(), BOB);
        List<AuditTrail.Row> rows = new AuditTrail(database).read(Optional.of("acme"), 0, 99);
        assertThat(rows)
                .extracting(row -> row.event().action() + " " + row.event().target())
                .containsExactly(
                        "org.create acme",
                        "settings.change acme",
                        "agent.change builder",
                        "settings.rollback acme");
        assertThat(rows.get(1).event().by()).isEqualTo(admin);
        assertThat(rows.get(1).at()).isEqualTo(NOON);
        assertThat(Document.canonical(rows.get(1).event().details()))
                .isEqualTo(
                        "{\"changes\":[{\"added\":[\".a.example\"],\"field\":\"allow\",\"removed\":[]}],\"version\":2}");
    }

    @Test
    void instancesLoseNoChangeAndLeaveNoGap() throws Exception {
        int threads = 8;
        int each = 10;
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            OrgStore other = OrgStore.of(second, InstantSource.system());
            orgs.create("acme", Settings.forNewOrg(), ANN);
            List<Callable<Outcome>> work = new ArrayList<>();
            for (int i = 0; i < threads * each; i++) {
                String name = "n" + i + ".example";
                OrgStore one = i % 2 == 0 ? orgs : other;
                work.add(() -> change(one, allow(name)));
            }
            for (Future<Outcome> done : workers.invokeAll(work)) {
                assertThat(done.get().changed()).isTrue();
            }
            int all = 1 + threads * each;
            assertThat(other.current("acme")).isEqualTo(orgs.current("acme"));
            assertThat(orgs.current("acme").settings().allow()).hasSize(threads * each);
            assertThat(orgs.history("acme", 1000))
                    .extracting(Version::number)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, all).map(n -> all + 1 - n).boxed().toList());
            assertThat(new AuditTrail(database).verify())
                    .isInstanceOfSatisfying(
                            Intact.class, intact -> assertThat(intact.rows()).isEqualTo(all));
        }
    }

    @Test
    void ofTwoChangesForOneVersionOneIsRefused() throws Exception {
        try (Database second = store.open();
                ExecutorService workers = Executors.newFixedThreadPool(2)) {
            OrgStore other = OrgStore.of(second, InstantSource.system());
            orgs.create("acme", Settings.forNewOrg(), ANN);
            for (int round = 1; round <= 10; round++) {
                OptionalLong expected = OptionalLong.of(round);
                String name = "r" + round;
                List<Future<Outcome>> both =
                        workers.invokeAll(
                                List.of(
                                        () ->
                                                orgs.change(
                                                        "acme",
                                                        expected,
                                                        allow(name + ".a.example"),
                                                        ANN),
                                        () ->
                                                other.change(
                                                        "acme",
                                                        expected,
                                                        allow(name + ".b.example"),
                                                        BOB)));
                assertThat(both.stream().filter(one -> one.state() == Future.State.SUCCESS))
                        .hasSize(1);
                assertThat(both.stream().filter(one -> one.state() == Future.State.FAILED))
                        .allSatisfy(
                                one -> assertThat(one.exceptionNow()).isInstanceOf(Refusal.class));
            }
            assertThat(orgs.current("acme").number()).isEqualTo(11);
        }
    }

    @Test
    void processesLoseNoChange() throws Exception {
        int processes = 2;
        int each = 15;
        List<OtherProcess> running = new ArrayList<>();
        for (int i = 0; i < processes; i++) {
            running.add(OtherProcess.start(store, "p" + i, each));
        }
        for (OtherProcess process : running) {
            assertThat(process.acknowledged()).hasSize(each);
        }
        assertThat(orgs.current("acme").settings().allow()).hasSize(processes * each);
        assertThat(orgs.current("acme").number()).isEqualTo(1 + processes * each);
        assertThat(new AuditTrail(database).verify()).isInstanceOf(Intact.class);
    }

    @Test
    void podsOfANamespaceMayNameTheOrgsItIsMappedToAndNoOther() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        orgs.create("beta", Settings.forNewOrg(), ANN);
        orgs.map("team-a", "acme", BOB);

        assertThat(orgs.isMapped("team-a", "acme")).isTrue();
        assertThat(orgs.isMapped("team-a", "beta")).isFalse();
        assertThat(orgs.isMapped("team", "acme")).isFalse();
        assertThat(orgs.onlyOrg("team-a")).contains("acme");
        orgs.map("team-a", "beta", BOB);
        assertThat(orgs.onlyOrg("team-a")).isEmpty();
        assertThat(orgs.onlyOrg("team-b")).isEmpty();
        orgs.unmap("team-a", "acme", BOB);
        assertThat(orgs.isMapped("team-a", "acme")).isFalse();
        assertThat(orgs.onlyOrg("team-a")).contains("beta");
    }

    @Test
    void mappingIsMadeOnceAndEachChangeOfItIsAudited() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        Mapping first = orgs.map("team-a", "acme", BOB);

        assertThat(orgs.map("team-a", "acme", ANN)).isEqualTo(first);
        orgs.unmap("team-a", "acme", ANN);
        assertThatThrownBy(() -> orgs.unmap("team-a", "acme", ANN))
                .hasMessageContaining("is not mapped");
        assertThatThrownBy(() -> orgs.map("team-a", "nobody", ANN))
                .hasMessageContaining("no org nobody");
        assertThatThrownBy(() -> orgs.map("Team_A", "acme", ANN))
                .hasMessageContaining("lower-case");
        assertThat(new AuditTrail(database).read(Optional.of("acme"), 1, 10))
                .extracting(row -> row.event().action() + " " + row.event().target())
                .containsExactly("namespace.map team-a", "namespace.unmap team-a");
    }

    @Test
    void mappingsAreListedInOrderPageByPage() throws Exception {
        orgs.create("acme", Settings.forNewOrg(), ANN);
        orgs.create("beta", Settings.forNewOrg(), ANN);
        for (String pair : List.of("b beta", "a-a acme", "a beta", "a acme")) {
            orgs.map(pair.split(" ", -1)[0], pair.split(" ", -1)[1], ANN);
        }

        assertThat(listed(Optional.empty(), Optional.empty(), "", "", 3))
                .containsExactly("a acme", "a beta", "a-a acme");
        assertThat(listed(Optional.empty(), Optional.empty(), "a", "acme", 9))
                .containsExactly("a beta", "a-a acme", "b beta");
        assertThat(listed(Optional.empty(), Optional.of("beta"), "", "", 9))
                .containsExactly("a beta", "b beta");
        assertThat(listed(Optional.of("a"), Optional.of("acme"), "", "", 9))
                .containsExactly("a acme");
    }

    private List<String> listed(
            Optional<String> namespace,
            Optional<String> org,
            String lastNamespace,
            String lastOrg,
            int limit)
            throws IOException {
        return orgs.mappings(namespace, org, lastNamespace, lastOrg, limit).stream()
                .map(mapping -> mapping.namespace() + " " + mapping.org())
                .toList();
    }
}
