package io.sallyport.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.network.Network.Mode;
import io.sallyport.sync.network.Network.Session;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Level;
import io.sallyport.sync.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Time as a lease sees it: nobody sets it. */
final class LeasesTest {
    /** As near to its end as a clock of the machine may be that counts from anywhere. */
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(12));

    private final Leases leases = new Leases(now::get);

    private static Session session(String id, int lease) {
        Snapshot snapshot =
                Snapshot.of("acme", null, 1, "test", Settings.of(Level.NONE), Presets.shipped());
        return new Session(id, "acme", null, Instant.EPOCH, Mode.ENFORCE, lease, snapshot);
    }

    private void pass(long seconds) {
        now.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
    }

    @Test
    void whoeverIsHeardOfWithinTheLeaseGoesOnAndOthersEndOnce() {
        leases.begin(session("s-heard", 10));
        leases.begin(session("s-silent", 10));
        leases.begin(session("s-free", 0));
        pass(9);
        assertThat(leases.expire()).isEmpty();
        assertThat(leases.renew("s-heard")).isTrue();
        pass(1);

        assertThat(leases.expire()).containsExactly("s-silent");
        assertThat(leases.expire()).isEmpty();
        assertThat(leases.renew("s-silent")).as("too late").isFalse();
        assertThat(leases.left("s-heard")).isEqualTo(OptionalLong.of(9));
        assertThat(leases.left("s-free")).isEmpty();
        pass(1_000_000);
        assertThat(leases.expire()).containsExactly("s-heard");
    }

    @Test
    void afterARestartThereIsTheWholeLeaseAndAGrace() {
        leases.restored(session("s-1", 10));
        assertThat(leases.renew("s-1")).as("a heartbeat takes nothing of it").isTrue();
        pass(10 + Leases.GRACE - 1);
        assertThat(leases.expire()).isEmpty();
        assertThat(leases.renew("s-1")).isTrue();
        pass(9);
        assertThat(leases.expire()).isEmpty();
        pass(1);
        assertThat(leases.expire()).containsExactly("s-1");
    }

    @Test
    void anEndedSessionHasNoLease() {
        leases.begin(session("s-1", 10));
        leases.end("s-1");
        pass(11);
        assertThat(leases.expire()).isEmpty();
    }

    @Test
    void endsAreRememberedWithinABound(@TempDir Path directory) throws IOException {
        Ends ends = new Ends(Journal.open(directory));
        ends.restore(IntStream.rangeClosed(0, Ends.MOST).mapToObj(i -> "session s-" + i).toList());
        assertThat(ends.has("s-0")).isFalse();
        assertThat(ends.has("s-1")).isTrue();
        ends.add("s-1");
        ends.add("s-new");
        assertThat(ends.has("s-1")).as("told again, it is the youngest").isTrue();
        assertThat(ends.has("s-2")).isFalse();
    }
}
