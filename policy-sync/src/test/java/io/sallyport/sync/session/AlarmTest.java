package io.sallyport.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.sync.emergency.Emergencies;
import io.sallyport.sync.enforcement.Enforcement.Change;
import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Bound;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Place;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a list of denials changes for the sessions there are. */
final class AlarmTest {
    private static final List<Network> NETWORKS = List.of(network("acme"), network("other"));

    private final Alarm alarm = new Alarm();

    private static Network network(String org) {
        Snapshot snapshot =
                Snapshot.of(
                        org,
                        null,
                        1,
                        "settings",
                        Settings.of(Level.NONE)
                                .with(
                                        new Settings.Change.Allow(
                                                Settings.patterns("a.example .b.example"))),
                        Presets.shipped());
        return new Network(
                "n-" + org,
                new Place("veth-" + org, List.of(Cidr.parse("10.0.0.1"))),
                false,
                "b-" + org,
                new Bound(
                        new Session(
                                "s-" + org, org, null, Instant.EPOCH, Mode.ENFORCE, 0, snapshot)),
                null,
                null);
    }

    /** {@code acme=a.example}, or {@code a.example} for all. */
    private static Emergencies list(String... denials) {
        return Emergencies.of(
                denials.length,
                Arrays.stream(denials)
                        .map(text -> {
                            int mark = text.indexOf('=');
                            return new Emergencies.Denial(
                                    DomainPattern.parse(text.substring(mark + 1)),
                                    mark < 0 ? null : text.substring(0, mark));
                        })
                        .toList());
    }

    private List<Change> change(String... denials) {
        return alarm.change(list(denials), NETWORKS);
    }

    private static List<String> told(List<Change> changes) {
        return changes.stream().map(change -> change.target().id() + " " + change.ways()).toList();
    }

    @Test
    void onlyWhomItConcernsIsTouchedAndALiftTakesNothing() {
        List<Change> first = change("acme=a.example");
        assertThat(told(first)).containsExactly("n-acme OF_THE_NAMES");
        alarm.done(first);
        assertThat(change("acme=a.example")).isEmpty();
        alarm.done(List.of());
        assertThat(told(change())).containsExactly("n-acme KEPT");
    }

    @Test
    void whatTheKernelRefusedIsAskedForAgainWithAllThatTheBindingHas() {
        assertThat(told(change("acme=a.example"))).containsExactly("n-acme OF_THE_NAMES");
        // no done(): the kernel refused
        List<Change> again = change("acme=a.example");
        assertThat(told(again)).containsExactly("n-acme ALL", "n-other KEPT");
        alarm.done(again);
        assertThat(told(change("acme=a.example", "b.example")))
                .containsExactly("n-acme OF_THE_NAMES", "n-other OF_THE_NAMES");
    }

    @Test
    void aLiftAfterARefusalIsPutInForceToo() {
        change("acme=a.example");
        List<Change> lifted = change();
        assertThat(told(lifted)).containsExactly("n-acme KEPT", "n-other KEPT");
        assertThat(lifted.getFirst().terms().emergency()).isEmpty();
    }

    @Test
    void aSessionOfAnEarlierRunLosesAllOnceAndThenWhatItsNamesLedTo() {
        alarm.restored(NETWORKS.getFirst());
        List<Change> first = change("a.example");
        assertThat(told(first)).containsExactly("n-acme ALL", "n-other OF_THE_NAMES");
        alarm.done(first);
        assertThat(told(change("a.example", "b.example")))
                .containsExactly("n-acme OF_THE_NAMES", "n-other OF_THE_NAMES");
    }

    @Test
    void aSessionOfAnEarlierRunLosesNothingToANameThatItNeverMightAskFor() {
        alarm.restored(NETWORKS.getFirst());
        List<Change> first = change("z.example", "b.a.example", "*.c.example");
        assertThat(told(first)).containsExactly("n-acme OF_THE_NAMES", "n-other OF_THE_NAMES");
        alarm.done(first);
        assertThat(told(change("z.example", "b.a.example", "*.c.example", "*.x.b.example")))
                .as("below what it may ask for, after all")
                .containsExactly("n-acme ALL", "n-other OF_THE_NAMES");
    }
}
