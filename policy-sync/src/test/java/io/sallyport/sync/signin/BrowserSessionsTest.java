package io.sallyport.sync.signin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.BrowserSessions.Basis;
import io.sallyport.sync.signin.SignIn.Person;
import io.sallyport.sync.signin.SignIn.SessionLength;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.EachStore;
import io.sallyport.sync.token.Tokens;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Holder;
import io.sallyport.sync.token.Tokens.Role;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Browser sessions as rows. */
final class BrowserSessionsTest extends EachStore {
    private static final Author ANN = new Author("ann", "platform-admin", "left");
    private static final Holder ADA =
            new Holder("person-1", "ada@example.com (1)", Role.ORG_VIEWER, Optional.of("acme"));
    private static final Basis TODAY = new Basis.Mapping("today");
    private static final SessionLength LENGTH =
            new SessionLength(Duration.ofMinutes(10), Duration.ofHours(1));

    @SuppressWarnings("NullAway.Init") // set before each test
    private Tokens tokens;

    @SuppressWarnings("NullAway.Init") // set before each test
    private BrowserSessions sessions;

    BrowserSessionsTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() throws Exception {
        tokens = new Tokens(database, () -> now);
        sessions = sessions(database, Set.of("before", "today"));
        OrgStore.of(database, () -> now).create("acme", Settings.forNewOrg(), ANN);
    }

    private BrowserSessions sessions(Database in, Set<String> mappings) {
        return new BrowserSessions(in, tokens, () -> now, LENGTH, mappings);
    }

    @Test
    void aSessionIsKnownToEveryServer() throws Exception {
        Secret secret = sessions.start(ADA, TODAY);
        try (Database second = store.open()) {
            BrowserSessions other = sessions(second, Set.of("today"));
            assertThat(other.find(secret)).contains(ADA);
            assertThat(other.find(Secret.fresh())).isEmpty();
            other.end(secret);
        }
        assertThat(sessions.find(secret)).isEmpty();
    }

    @Test
    void itLastsAsLongAsTheConfigurationSays() throws Exception {
        Secret idle = sessions.start(ADA, TODAY);
        Secret busy = sessions.start(ADA, TODAY);
        now = NOON.plus(LENGTH.idle());
        assertThat(sessions.find(idle)).isEmpty();
        for (now = NOON; now.isBefore(NOON.plus(LENGTH.life())); now = now.plusSeconds(300)) {
            assertThat(sessions.find(busy)).isPresent();
        }
        assertThat(sessions.find(busy)).isEmpty();
    }

    @Test
    void itEndsWithTheMappingThatGaveItsRole() throws Exception {
        Secret secret = sessions.start(ADA, TODAY);
        assertThat(sessions(database, Set.of("before", "changed")).find(secret)).isEmpty();
        assertThat(sessions(database, Set.of()).find(secret)).isEmpty();
        assertThat(sessions.find(secret)).contains(ADA);
    }

    @Test
    void oneOfAnEarlierVersionWhoseMappingIsNotKnownIsOver() throws Exception {
        Secret secret = sessions.start(ADA, TODAY);
        store.sql("UPDATE browser_session SET mapping = ''");
        assertThat(sessions.find(secret)).isEmpty();
    }

    @Test
    void itEndsWithItsToken() throws Exception {
        Created token =
                tokens.create("ada", Role.ORG_VIEWER, Optional.of("acme"), Optional.empty(), ANN);
        Holder holder = token.token().holder();
        Secret secret = sessions.start(holder, new Basis.Token(holder.id()));
        assertThat(sessions.find(secret)).contains(holder);
        tokens.revoke(holder.id(), ANN);
        assertThat(sessions.find(secret)).isEmpty();
    }

    @Test
    void onePersonHasOnlySoMany() throws Exception {
        Secret first = sessions.start(ADA, TODAY);
        Secret last = first;
        for (int i = 0; i < BrowserSessions.MOST_OF_ONE; i++) {
            now = now.plusMillis(5);
            last = sessions.start(ADA, TODAY);
        }
        assertThat(sessions.find(first)).isEmpty();
        assertThat(sessions.find(last)).isPresent();
        assertThat(sessions.people(9))
                .extracting(Person::browsers)
                .containsExactly((long) BrowserSessions.MOST_OF_ONE);
    }

    @Test
    void allOfAPersonAreEndedAtOnce() throws Exception {
        Holder bob = new Holder("person-2", "bob", Role.PLATFORM_ADMIN, Optional.empty());
        Secret one = sessions.start(ADA, TODAY);
        now = NOON.plusSeconds(1);
        Secret two = sessions.start(ADA, TODAY);
        now = NOON.plusSeconds(2);
        Secret bobs = sessions.start(bob, TODAY);
        assertThat(sessions.people(9))
                .containsExactly(
                        new Person(bob, 1, now, now),
                        new Person(ADA, 2, NOON, NOON.plusSeconds(1)));

        sessions.end(ADA.id(), ANN);

        assertThat(sessions.find(one)).isEmpty();
        assertThat(sessions.find(two)).isEmpty();
        assertThat(sessions.find(bobs)).contains(bob);
        var row = new AuditTrail(database).newest(Optional.of("acme"), Long.MAX_VALUE, 1);
        assertThat(row.getFirst().event().action()).isEqualTo("console.end");
        assertThat(row.getFirst().event().by()).isEqualTo(ANN);
        assertThatThrownBy(() -> sessions.end(ADA.id(), ANN)).isInstanceOf(Refusal.class);
    }
}
