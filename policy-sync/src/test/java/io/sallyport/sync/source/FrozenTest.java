package io.sallyport.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.snapshot.Snapshot;
import org.junit.jupiter.api.Test;

final class FrozenTest {
    private static final Presets PRESETS = Presets.shipped();

    private final Frozen frozen = new Frozen(Frozen.MAX_CHARS);

    private static Snapshot snapshot(long version) {
        return Snapshot.of("acme", null, version, "settings", Settings.forNewOrg(), PRESETS);
    }

    @Test
    void onlyTheVersionInForceIsGiven() {
        Snapshot first = snapshot(1);
        frozen.keep("acme", 1, first);
        assertThat(frozen.of("acme", 1)).containsSame(first);
        assertThat(frozen.of("acme", 2)).isEmpty();
        assertThat(frozen.of("other", 1)).isEmpty();
        frozen.keep("acme", 2, snapshot(2));
        assertThat(frozen.of("acme", 1)).isEmpty();
        assertThat(frozen.of("acme", 2)).isPresent();
    }

    @Test
    void theOneNotUsedForLongestGoesWhenThereAreTooMany() {
        Snapshot same = snapshot(1);
        Frozen two = new Frozen(same.json().length() * 2L);
        two.keep("a", 1, same);
        two.keep("b", 1, same);
        two.keep("a", 1, same);
        assertThat(two.of("b", 1)).isPresent();
        two.keep("c", 1, same);
        assertThat(two.of("a", 1)).isEmpty();
        assertThat(two.of("b", 1)).isPresent();
        assertThat(two.of("c", 1)).isPresent();
    }

    @Test
    void oneThatIsTooLargeIsNotKept() {
        Snapshot large = snapshot(1);
        Frozen none = new Frozen(large.json().length() - 1L);
        none.keep("a", 1, large);
        assertThat(none.of("a", 1)).isEmpty();
    }
}
