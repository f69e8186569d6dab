package io.sallyport.sync.proposal;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal.Item;
import io.sallyport.sync.proposal.Proposal.Kind;
import io.sallyport.sync.proposal.Proposal.LeftOut;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random traffic under random settings, checked against a reference that knows nothing but text:
 * what the proposal opens, what it must not open, and that no part of it could be spared.
 */
final class ProposalPropertyTest {
    private static final List<Level> LEVELS = List.of(Level.values());

    private static final Presets PRESETS = Presets.shipped();
    private static final int CASES = 100;

    /** Domains of one owner each, in which the pool's names lie. */
    private static final List<String> OWNED =
            List.of(
                    "alpha.com",
                    "beta.co.uk",
                    "gamma.io",
                    "ruby-lang.org",
                    "python.org",
                    "gnu.org");

    /** The same, where anyone may publish: no wildcard may be there. */
    private static final List<String> PUBLISHING =
            List.of(
                    "me.github.io",
                    "you.github.io",
                    "pastebin.com",
                    "google.com",
                    "amazonaws.com",
                    "haskell.org",
                    "gitlab.com",
                    "sourceforge.net");

    /** Names that no list opens, or must not. */
    private static final Set<String> NEVER =
            Set.of(
                    "localhost",
                    "a.localhost",
                    "x.local",
                    "y.onion",
                    "db.internal",
                    "z.test",
                    "com",
                    "co.uk",
                    "printer",
                    "dns.google",
                    "one.one.one.one",
                    "*.alpha.com",
                    "a\\.b.alpha.com",
                    "ALPHA.com",
                    "10.0.0.1");

    private final Random random;

    ProposalPropertyTest() {
        random = new Random(0);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void opensWhatWasAskedForAndNoMore(long seed) {
        random.setSeed(seed);
        for (int i = 0; i < CASES; i++) {
            Settings current = settings();
            Map<String, Long> asked = asked();
            Proposal proposal = propose(current, traffic(asked));
            String what = "seed " + seed + ", case " + i + ": " + current + "\n" + asked;
            applies(what, current, proposal);
            letsThroughWhatItMay(what, current, proposal, asked.keySet());
            everyPartIsNeeded(what, current, proposal, asked.keySet());
            wildcardsAreEarned(what, proposal, asked.keySet());
            staysClosedWhereNothingWasAsked(what, current, proposal);
            doesNotDependOnTheOrder(what, current, proposal, asked);
        }
    }

    private void applies(String what, Settings current, Proposal proposal) {
        Settings settings = current;
        for (Change change : proposal.changes()) {
            settings = settings.with(change);
        }
        assertThat(proposal.settings()).as(what).isEqualTo(settings);
        assertThat(proposal.changes().isEmpty()).as(what).isEqualTo(proposal.items().isEmpty());
        assertThat(settings.internet()).isEqualTo(current.internet());
        assertThat(settings.deny()).isEqualTo(current.deny());
        assertThat(settings.allow()).as(what).containsAll(current.allow());
        if (settings.level() != current.level()) {
            assertThat(settings.level()).as(what).isNotEqualTo(Level.ALL);
            assertThat(
                            current.level() == Level.ALL
                                    || settings.level().compareTo(current.level()) > 0)
                    .as(what)
                    .isTrue();
        }
    }

    private static void letsThroughWhatItMay(
            String what, Settings current, Proposal proposal, Set<String> asked) {
        Set<String> left =
                proposal.leftOut().stream().map(LeftOut::name).collect(Collectors.toSet());
        for (String name : asked) {
            boolean may = current.internet() && !NEVER.contains(name) && !denied(current, name);
            assertThat(allows(proposal.settings(), name)).as(name + ", " + what).isEqualTo(may);
            assertThat(left.contains(name)).as(name + ", " + what).isEqualTo(!may);
        }
        assertThat(asked).as(what).containsAll(left);
    }

    private static void everyPartIsNeeded(
            String what, Settings current, Proposal proposal, Set<String> asked) {
        for (Item item : proposal.items()) {
            if (item.kind() == Kind.LEVEL) {
                Level before = current.level() == Level.ALL ? Level.NONE : current.level();
                if (!item.value().equals(before.text())) {
                    Settings without = proposal.settings().with(new Change.SetLevel(before));
                    assertThat(
                                    asked.stream()
                                            .filter(name ->
                                                    allows(proposal.settings(), name)
                                                            && !allows(without, name))
                                            .count())
                            .as(what)
                            .isGreaterThanOrEqualTo(Levels.WORTH_A_LEVEL);
                }
            } else {
                Settings without =
                        proposal.settings()
                                .with(
                                        new Change.Remove(
                                                List.of(DomainPattern.parse(item.value()))));
                List<String> lost =
                        asked.stream()
                                .filter(name ->
                                        allows(proposal.settings(), name) && !allows(without, name))
                                .toList();
                assertThat(item.names())
                        .as(item.value() + ", " + what)
                        .extracting(Proposal.Seen::name)
                        .containsExactlyInAnyOrderElementsOf(lost)
                        .isNotEmpty();
            }
        }
    }

    private static void wildcardsAreEarned(String what, Proposal proposal, Set<String> asked) {
        Set<String> added = new TreeSet<>();
        proposal.items().stream()
                .filter(item -> item.kind() != Kind.LEVEL)
                .forEach(item -> added.add(item.value()));
        for (String pattern : added) {
            String name = bare(pattern);
            if (!name.equals(pattern)) {
                assertThat(OWNED).as(what).anyMatch(owned -> isAtOrBelow(name, owned));
                assertThat(asked.stream().filter(one -> isBelow(one, name)).count())
                        .as(pattern + ", " + what)
                        .isGreaterThanOrEqualTo(Wildcards.WORTH_A_WILDCARD);
            }
            // Any place at which a wildcard could take the place of others has too few of them.
            for (String place = name; isOwned(place); place = parent(place)) {
                String at = place;
                if (!added.contains("*." + at) && !added.contains("." + at)) {
                    assertThat(added.stream().filter(one -> isBelow(bare(one), at)).count())
                            .as(at + ", " + what)
                            .isLessThan(Wildcards.WORTH_A_WILDCARD);
                }
            }
        }
    }

    private void staysClosedWhereNothingWasAsked(String what, Settings current, Proposal proposal) {
        for (int i = 0; i < 20; i++) {
            String name =
                    "never-"
                            + i
                            + "."
                            + pick(Stream.concat(OWNED.stream(), PUBLISHING.stream()).toList());
            boolean opened = allows(proposal.settings(), name) && !allows(current, name);
            boolean covered =
                    proposal.items().stream()
                            .anyMatch(item ->
                                    item.kind() == Kind.WILDCARD
                                            && isBelow(name, bare(item.value())));
            boolean byLevel = proposal.settings().level() != current.level();
            assertThat(opened && !covered && !byLevel).as(name + ", " + what).isFalse();
        }
    }

    private void doesNotDependOnTheOrder(
            String what, Settings current, Proposal proposal, Map<String, Long> asked) {
        List<Asked> shuffled = new ArrayList<>(records(asked));
        Collections.shuffle(shuffled, random);
        assertThat(propose(current, Traffic.of(shuffled))).as(what).isEqualTo(proposal);
    }

    // ---- what is drawn

    private Settings settings() {
        Settings settings = Settings.of(LEVELS.get(random.nextInt(LEVELS.size())));
        settings = settings.with(new Change.Allow(patterns(random.nextInt(4))));
        settings = settings.with(new Change.Deny(patterns(random.nextInt(3))));
        return random.nextInt(20) == 0 ? settings.with(new Change.SetInternet(false)) : settings;
    }

    private List<DomainPattern> patterns(int many) {
        return Stream.generate(() -> pick(List.of("", ".", "*.")) + name())
                .limit(many)
                .map(DomainPattern::parse)
                .toList();
    }

    private Map<String, Long> asked() {
        Map<String, Long> asked = new LinkedHashMap<>();
        List<String> never = List.copyOf(new TreeSet<>(NEVER));
        for (int i = random.nextInt(40); i > 0; i--) {
            asked.merge(
                    random.nextInt(12) == 0 ? pick(never) : name(),
                    1L + random.nextInt(9),
                    Long::sum);
        }
        return asked;
    }

    private String name() {
        String name = pick(random.nextBoolean() ? OWNED : PUBLISHING);
        for (int depth = random.nextInt(4); depth > 0; depth--) {
            name = "abcdefgh".charAt(random.nextInt(depth > 1 ? 2 : 8)) + "." + name;
        }
        return name;
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private static List<Asked> records(Map<String, Long> asked) {
        return asked.entrySet().stream()
                .map(one -> new Asked(one.getKey(), one.getValue(), Instant.EPOCH, Instant.EPOCH))
                .toList();
    }

    private static Proposal propose(Settings current, Traffic observed) {
        Proposal.Seeking seeking = new Proposal.Seeking(observed, Traffic.of(List.of()));
        return Proposal.of("acme", current, List.of(), seeking, PRESETS);
    }

    private static Traffic traffic(Map<String, Long> asked) {
        return Traffic.of(records(asked));
    }

    // ---- the reference: text, entry by entry

    private static boolean allows(Settings settings, String name) {
        if (!settings.internet() || NEVER.contains(name) || denied(settings, name)) {
            return false;
        }
        return settings.level() == Level.ALL
                || settings.allow().stream().anyMatch(pattern -> covers(pattern.toString(), name))
                || PRESETS.withIncluded(settings.level().presets()).stream()
                        .flatMap(preset -> preset.entries().stream())
                        .anyMatch(entry -> covers(entry.pattern().toString(), name));
    }

    private static boolean denied(Settings settings, String name) {
        return settings.deny().stream().anyMatch(pattern -> covers(pattern.toString(), name));
    }

    private static boolean covers(String pattern, String name) {
        return pattern.startsWith("*.")
                ? isBelow(name, pattern.substring(2))
                : pattern.startsWith(".")
                        ? isAtOrBelow(name, pattern.substring(1))
                        : name.equals(pattern);
    }

    private static boolean isBelow(String name, String domain) {
        return name.endsWith("." + domain);
    }

    private static boolean isAtOrBelow(String name, String domain) {
        return name.equals(domain) || isBelow(name, domain);
    }

    private static boolean isOwned(String name) {
        return OWNED.stream().anyMatch(owned -> isAtOrBelow(name, owned));
    }

    private static String bare(String pattern) {
        return pattern.startsWith("*.")
                ? pattern.substring(2)
                : pattern.startsWith(".") ? pattern.substring(1) : pattern;
    }

    private static String parent(String name) {
        return name.substring(name.indexOf('.') + 1);
    }
}
