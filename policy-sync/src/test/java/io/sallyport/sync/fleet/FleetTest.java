package io.sallyport.sync.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.fleet.Fleet.Denial;
import io.sallyport.sync.fleet.Fleet.Node;
import io.sallyport.sync.fleet.Fleet.Reported;
import io.sallyport.sync.fleet.Fleet.Session;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.EachStore;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FleetTest extends EachStore {
    private static final Author ANN = new Author("ann", "platform-admin", "incident 7");
    private static final Optional<String> PLATFORM = Optional.empty();
    private static final Optional<String> ACME = Optional.of("acme");
    private static final DomainPattern BAD = DomainPattern.parse(".bad.example");

    @SuppressWarnings("NullAway.Init") // set before each test
    private Fleet fleet;

    FleetTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() {
        fleet = new Fleet(database, () -> now);
    }

    private static Reported session(String id, String org, long version) {
        return new Reported(
                id,
                org,
                Optional.of("builder"),
                "bound",
                "enforce",
                "ab".repeat(32),
                version,
                NOON);
    }

    @Test
    void sessionsAreAsTheirNodeLastReportedThem() throws Exception {
        fleet.heard("n1", List.of(session("s1", "acme", 1), session("s2", "acme", 1)), 0);
        fleet.heard("n2", List.of(session("s3", "other", 1)), 0);
        now = NOON.plus(Duration.ofMinutes(1));
        fleet.heard("n1", List.of(session("s2", "acme", 2), session("s4", "acme", 2)), 0);
        assertThat(fleet.sessions(PLATFORM, "", 99))
                .containsExactly(
                        new Session(session("s2", "acme", 2), "n1", now, false),
                        new Session(session("s3", "other", 1), "n2", NOON, false),
                        new Session(session("s4", "acme", 2), "n1", now, false));
        assertThat(fleet.sessions(ACME, "s2", 99))
                .extracting(one -> one.what().id())
                .containsExactly("s4");
        assertThat(fleet.sessions(PLATFORM, "", 1)).hasSize(1);
        assertThat(fleet.nodes())
                .containsExactly(new Node("n1", now, 0, 2), new Node("n2", NOON, 0, 1));
    }

    @Test
    void sessionsWithOlderSettingsAreCounted() throws Exception {
        fleet.heard(
                "n1",
                List.of(
                        session("s1", "acme", 3),
                        session("s2", "acme", 4),
                        session("s3", "other", 1)),
                0);
        assertThat(fleet.stale("acme", 4)).isEqualTo(1);
        assertThat(fleet.stale("acme", 3)).isZero();
    }

    @Test
    void anEndIsAskedForUntilTheSessionIsGone() throws Exception {
        fleet.heard("n1", List.of(session("s1", "acme", 1), session("s2", "acme", 1)), 0);
        fleet.askEnd("acme", "s1", ANN);
        fleet.askEnd("acme", "s1", ANN);
        assertThat(fleet.orders("n1").end()).containsExactly("s1");
        assertThat(fleet.orders("n2").end()).isEmpty();
        assertThat(fleet.sessions(ACME, "", 1).getFirst().ending()).isTrue();
        fleet.heard("n1", List.of(session("s1", "acme", 1), session("s2", "acme", 1)), 0);
        assertThat(fleet.orders("n1").end()).containsExactly("s1");
        fleet.heard("n1", List.of(session("s2", "acme", 1)), 0);
        assertThat(fleet.orders("n1").end()).isEmpty();
        fleet.heard("n1", List.of(session("s1", "acme", 1)), 0);
        assertThat(fleet.orders("n1").end()).isEmpty();
        assertThat(actions()).containsExactly("session.end s1");
        assertThatThrownBy(() -> fleet.askEnd("acme", "s9", ANN))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no such session");
    }

    @Test
    void anEmergencyDenialIsAnOrderForEveryNodeUntilItIsLifted() throws Exception {
        Denial everyone = fleet.deny(PLATFORM, List.of(BAD), ANN).getFirst();
        Denial acme = fleet.deny(ACME, List.of(BAD), ANN).getFirst();
        assertThat(fleet.orders("n1").emergencyVersion()).isEqualTo(2);
        assertThat(fleet.orders("n1").denied()).containsExactly(everyone, acme);
        assertThat(fleet.denials(ACME)).containsExactly(acme);
        assertThat(fleet.denials(PLATFORM)).containsExactly(everyone);
        fleet.heard("n1", List.of(), 2);
        assertThat(fleet.nodes()).extracting(Node::emergencyVersion).containsExactly(2L);
        fleet.lift(ACME, acme.id(), ANN);
        assertThat(fleet.orders("n1").emergencyVersion()).isEqualTo(3);
        assertThat(fleet.orders("n1").denied()).containsExactly(everyone);
        assertThat(actions())
                .containsExactly(
                        "emergency.deny .bad.example",
                        "emergency.deny .bad.example",
                        "emergency.lift .bad.example");
    }

    @Test
    void anOrgDoesNotLiftWhatIsNotItsOwn() throws Exception {
        Denial everyone = fleet.deny(PLATFORM, List.of(BAD), ANN).getFirst();
        assertThatThrownBy(() -> fleet.lift(ACME, everyone.id(), ANN)).isInstanceOf(Refusal.class);
        assertThat(fleet.denials(PLATFORM)).hasSize(1);
        assertThat(fleet.deny(PLATFORM, List.of(BAD), ANN))
                .as("denied already")
                .containsExactly(everyone);
        List<DomainPattern> port = List.of(DomainPattern.parse("a.example:443"));
        assertThatThrownBy(() -> fleet.deny(PLATFORM, port, ANN))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(fleet.emergencyVersion()).isEqualTo(1);
    }

    @Test
    void aNodeCannotHideASessionBehindAnIdOfItsOwn() throws Exception {
        fleet.heard("hostile", List.of(session("s1", "other", 1)), 0);
        fleet.heard("n1", List.of(session("s1", "acme", 1)), 0);
        fleet.askEnd("acme", "s1", ANN);
        assertThat(fleet.orders("n1").end()).containsExactly("s1");
        assertThat(fleet.orders("hostile").end()).isEmpty();
        fleet.heard("n2", List.of(session("s1", "acme", 1)), 0);
        fleet.askEnd("acme", "s1", ANN);
        assertThat(fleet.orders("n2").end()).containsExactly("s1");
        assertThat(actions()).containsExactly("session.end s1", "session.end s1");
    }

    @Test
    void sessionsWithOlderSettingsAreListed() throws Exception {
        fleet.heard(
                "n1",
                List.of(session("s1", "acme", 1), session("s2", "acme", 2), session("s3", "x", 1)),
                0);
        assertThat(fleet.stale("acme", 2, "", 99))
                .extracting(s -> s.what().id())
                .containsExactly("s1");
        assertThat(fleet.stale("acme", 3, "s1", 99))
                .extracting(s -> s.what().id())
                .containsExactly("s2");
        assertThat(fleet.stale("acme", 1, "", 99)).isEmpty();
    }

    @Test
    void aNodeThatWasNotHeardOfForLongIsForgotten() throws Exception {
        fleet.heard("old", List.of(session("s1", "acme", 1)), 0);
        fleet.askEnd("acme", "s1", ANN);
        now = NOON.plus(Fleet.KEPT).plusMillis(1);
        assertThat(fleet.stale("acme", 2)).isEqualTo(1);
        fleet.heard("new", List.of(), 0);
        assertThat(fleet.nodes()).extracting(Node::name).containsExactly("new");
        assertThat(fleet.stale("acme", 2)).isZero();
        assertThat(fleet.orders("old").end()).isEmpty();
    }

    @Test
    void ofSeveralNamesAllAreDeniedOrNone() throws Exception {
        database.record(open -> {
            for (int i = 0; i < Fleet.MAX_DENIALS - 1; i++) {
                open.update(
                        "INSERT INTO emergency_denial VALUES (?, 'acme', ?, 0, 'ann', 'local', '')",
                        "id" + i,
                        "n" + i + ".example");
            }
            return 0;
        });
        List<DomainPattern> two = List.of(BAD, DomainPattern.parse("y.example"));
        assertThatThrownBy(() -> fleet.deny(ACME, two, ANN)).isInstanceOf(Refusal.class);
        assertThat(fleet.denials(ACME)).hasSize(Fleet.MAX_DENIALS - 1);
        assertThat(fleet.deny(ACME, List.of(BAD), ANN)).hasSize(1);
    }

    private List<String> actions() throws IOException {
        return new AuditTrail(database)
                .read(Optional.empty(), 0, 99).stream()
                        .map(row -> row.event().action() + " " + row.event().target())
                        .toList();
    }

    @Test
    void aReportThatCannotBeIsRefused() {
        assertThatThrownBy(() -> fleet.heard("n 1", List.of(), 0)).hasMessageStartingWith("node: ");
        assertThatThrownBy(() -> session("", "acme", 1)).hasMessageStartingWith("id: ");
        assertThatThrownBy(() -> session("s1", "a/b", 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> session("s1", "acme", -1)).hasMessageStartingWith("version: ");
        assertThatThrownBy(() ->
                        new Reported("s", "o", Optional.empty(), "<b>", "enforce", "", 0, NOON))
                .hasMessageStartingWith("state: ");
    }

    /** A node takes no orders at all when there are more ends in them than it takes. */
    @Test
    void aNodeIsToldOfAsManyEndsAsItTakes() throws Exception {
        List<Reported> many =
                IntStream.rangeClosed(0, Fleet.MAX_ENDS)
                        .mapToObj(i -> session("s" + i, "acme", 1))
                        .toList();
        fleet.heard("n1", many, 0);
        database.record(open -> {
            int asked = 0;
            for (Reported one : many) {
                asked +=
                        open.update(
                                "INSERT INTO session_end (session, node, asked_at, asked_by) VALUES (?, 'n1', 0, 'ann')",
                                one.id());
            }
            return asked;
        });
        assertThat(fleet.orders("n1").end()).hasSize(Fleet.MAX_ENDS);
        fleet.heard("n1", many.subList(0, 1), 0);
        assertThat(fleet.orders("n1").end()).hasSize(1);
    }

    @Test
    void aTimeThatNoClockShowsIsRefused() {
        Instant never = Instant.parse("+1000000000-12-31T00:00:00Z");
        assertThatThrownBy(() ->
                        new Reported(
                                "s1", "acme", Optional.empty(), "bound", "enforce", "", 1, never))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
