package io.sallyport.sync.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.data.DataDirectory;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.store.Backend;
import io.sallyport.sync.store.Database;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.store.EachStore;
import io.sallyport.sync.token.Tokens.Created;
import io.sallyport.sync.token.Tokens.Role;
import io.sallyport.sync.token.Tokens.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TokensTest extends EachStore {
    private static final Author ANN = new Author("ann", "for the build");
    private static final Optional<Instant> NEVER = Optional.empty();
    private static final Optional<String> PLATFORM = Optional.empty();
    private static final Optional<String> ACME = Optional.of("acme");

    @SuppressWarnings("NullAway.Init") // set before each test
    private Tokens tokens;

    TokensTest(Backend backend) {
        super(backend);
    }

    @BeforeEach
    void open() throws Exception {
        tokens = new Tokens(database, () -> now, Runnable::run);
        OrgStore.of(database, () -> now).create("acme", Settings.forNewOrg(), ANN);
    }

    private Created admin() throws IOException, Refusal {
        return tokens.create("ci", Role.ORG_ADMIN, ACME, NEVER, ANN);
    }

    @Test
    void aSecretFindsItsHolder() throws Exception {
        Created created = admin();
        assertThat(created.secret()).matches("spt_[A-Za-z0-9_-]{43}");
        assertThat(tokens.find(created.secret())).contains(created.token().holder());
        assertThat(created.token().holder().author("why"))
                .isEqualTo(new Author("ci", "org-admin", "why"));
        assertThat(admin().secret()).isNotEqualTo(created.secret());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "spt_",
                "' OR 1=1 --",
                "spt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            })
    void anythingElseFindsNobody(String secret) throws Exception {
        admin();
        assertThat(tokens.find(secret)).isEmpty();
    }

    @Test
    void theSecretIsNowhereInTheStoreNorInWords() throws Exception {
        Created created = admin();
        StringBuilder all = new StringBuilder();
        try (Connection raw = store.raw();
                Statement statement = raw.createStatement()) {
            for (String table : new String[] {"token", "audit"}) {
                ResultSet rows = statement.executeQuery("SELECT * FROM " + table);
                while (rows.next()) {
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        all.append(rows.getString(i)).append('\n');
                    }
                }
            }
        }
        assertThat(all.toString()).contains("token.create").doesNotContain(created.secret());
        assertThat(created.toString()).doesNotContain(created.secret());
        assertThat(Secret.random().toString()).isEqualTo("spt_…");
    }

    @Test
    void anExpiredTokenIsNoToken() throws Exception {
        Instant end = NOON.plus(Duration.ofHours(1));
        Created created = tokens.create("ci", Role.ORG_VIEWER, ACME, Optional.of(end), ANN);
        now = end.minusMillis(1);
        assertThat(tokens.find(created.secret())).isPresent();
        now = end;
        assertThat(tokens.find(created.secret())).isEmpty();
        assertThatThrownBy(() -> tokens.create("ci", Role.ORG_VIEWER, ACME, Optional.of(end), ANN))
                .hasMessageContaining("in the past");
    }

    @Test
    void aRevokedTokenIsNoTokenForAnyInstance() throws Exception {
        Created created = admin();
        try (Database second = store.open()) {
            Tokens other = new Tokens(second, () -> now);
            assertThat(other.find(created.secret())).isPresent();
            tokens.revoke(created.token().holder().id(), ANN);
            assertThat(other.find(created.secret())).isEmpty();
        }
        assertThatThrownBy(() -> tokens.revoke(created.token().holder().id(), ANN))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no such token");
    }

    @Test
    void theDayOfUseIsNoted() throws Exception {
        Created created = admin();
        assertThat(created.token().used()).isEmpty();
        tokens.find(created.secret());
        now = NOON.plus(Duration.ofDays(2));
        tokens.find(created.secret());
        assertThat(tokens.get(created.token().holder().id()).flatMap(Token::used))
                .contains(Instant.parse("2026-05-05T00:00:00Z"));
    }

    @Test
    void tokensOfAnOrgAreListedByPage() throws Exception {
        tokens.create("n1", Role.NODE, PLATFORM, Optional.of("n1"), NEVER, ANN);
        for (int i = 0; i < 3; i++) {
            admin();
        }
        assertThat(tokens.list(PLATFORM, "", 99)).hasSize(4);
        var first = tokens.list(ACME, "", 2);
        var rest = tokens.list(ACME, first.getLast().holder().id(), 9);
        assertThat(first).hasSize(2);
        assertThat(rest).hasSize(1).doesNotContainAnyElementsOf(first);
    }

    @Test
    void aRoleHasAnOrgOrHasNone() {
        assertThatThrownBy(() -> tokens.create("x", Role.ORG_ADMIN, PLATFORM, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("needs one");
        assertThatThrownBy(() -> tokens.create("x", Role.PLATFORM_ADMIN, ACME, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has none");
        assertThatThrownBy(() -> tokens.create("x", Role.ORG_ADMIN, Optional.of("nil"), NEVER, ANN))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("no org nil");
        assertThatThrownBy(() -> tokens.create("a\nb", Role.ORG_ADMIN, ACME, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNodesTokenSpeaksForOneNode() throws Exception {
        Created made =
                tokens.create("host 7", Role.NODE, PLATFORM, Optional.of("host-7"), NEVER, ANN);
        var holder = tokens.find(made.secret()).orElseThrow();
        assertThat(holder.node()).contains("host-7");
        assertThat(holder.speaksFor("host-7")).isTrue();
        assertThat(holder.speaksFor("host-70")).isFalse();
        assertThatThrownBy(() -> tokens.create("n", Role.NODE, PLATFORM, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("node: ");
        Optional<String> bad = Optional.of("a/b");
        assertThatThrownBy(() -> tokens.create("n", Role.NODE, PLATFORM, bad, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("node: ");
        Optional<String> node = Optional.of("host-7");
        assertThatThrownBy(() -> tokens.create("n", Role.ORG_ADMIN, ACME, node, NEVER, ANN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has none");
    }

    @Test
    void aNodesTokenOfAnEarlierVersionSpeaksForNoNode() throws Exception {
        Created made = tokens.create("n", Role.NODE, PLATFORM, Optional.of("n1"), NEVER, ANN);
        store.sql("UPDATE token SET node = ''");
        var holder = tokens.find(made.secret()).orElseThrow();
        assertThat(holder.speaksFor("n1")).isFalse();
        assertThat(holder.speaksFor("")).isFalse();
    }

    @Test
    void aUseIsNotedAsideOnceADayAndNobodyMindsIfItCannotBe() throws Exception {
        List<Runnable> aside = new ArrayList<>();
        Created created = admin();
        try (Database second = store.open()) {
            Tokens busy = new Tokens(second, () -> now, aside::add);
            assertThat(busy.find(created.secret())).isPresent();
            assertThat(busy.find(created.secret())).isPresent();
        }
        assertThat(aside).hasSize(1);
        aside.getFirst().run(); // its store is closed
        assertThat(tokens.get(created.token().holder().id()).flatMap(Token::used)).isEmpty();
    }

    @Test
    void makingAndRevokingIsInTheTrail() throws Exception {
        String id = admin().token().holder().id();
        tokens.revoke(id, ANN);
        assertThat(new AuditTrail(database).read(ACME, 1, 9))
                .extracting(row -> row.event().action() + " " + row.event().target())
                .containsExactly("token.create " + id, "token.revoke " + id);
        assertThat(
                        Document.canonical(
                                new AuditTrail(database)
                                        .read(ACME, 1, 1)
                                        .getFirst()
                                        .event()
                                        .details()))
                .isEqualTo("{\"expires\":\"never\",\"name\":\"ci\",\"role\":\"org-admin\"}");
    }

    @Test
    void theFirstStartWritesAPlatformAdminsToken(@TempDir Path temporary) throws Exception {
        DataDirectory data = new DataDirectory(temporary.resolve("data"));
        Path file = tokens.bootstrap(data).orElseThrow();
        assertThat(file).isEqualTo(temporary.resolve("data/admin.token"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        String secret = Files.readString(file).strip();
        var holder = tokens.find(secret).orElseThrow();
        assertThat(holder.role()).isEqualTo(Role.PLATFORM_ADMIN);
        assertThat(tokens.bootstrap(data)).isEmpty();
        tokens.revoke(holder.id(), ANN);
        assertThat(tokens.bootstrap(data)).isEmpty();
        assertThat(tokens.find(secret)).isEmpty();
    }

    @Test
    void aFirstStartThatDiedBeforeItsEndIsRepeated(@TempDir Path temporary) throws Exception {
        DataDirectory data = new DataDirectory(temporary.resolve("data"));
        Secret lost = Secret.random();
        lost.write(data);
        Files.writeString(temporary.resolve("data/admin.token.new"), "half");
        Path file = tokens.bootstrap(data).orElseThrow();
        assertThat(tokens.find(Files.readString(file).strip())).isPresent();
        assertThat(tokens.find(lost.text())).isEmpty();
    }
}
