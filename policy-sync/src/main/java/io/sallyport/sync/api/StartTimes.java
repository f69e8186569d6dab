package io.sallyport.sync.api;

import io.micrometer.core.instrument.Timer;
import io.sallyport.sync.metric.Metrics;
import io.sallyport.sync.session.Sessions.Begun;
import io.sallyport.sync.session.Sessions.Rejected;
import io.sallyport.sync.source.PolicySource;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** How long a session takes from being asked for to being in force. */
final class StartTimes {
    /** Starts a session. */
    interface Start {
        Begun begin() throws Rejected, PolicySource.Refused, IOException;
    }

    private final Timer ok;
    private final Timer refused;
    private final Timer failed;

    StartTimes(Metrics metrics) {
        ok = timer(metrics, "ok");
        refused = timer(metrics, "refused");
        failed = timer(metrics, "failed");
    }

    private static Timer timer(Metrics metrics, String result) {
        return metrics.timer(
                "sallyport.session.start.duration",
                "From asking for a session to its rules being in force, by how that went.",
                "result",
                result);
    }

    Begun time(Start start) throws Rejected, PolicySource.Refused, IOException {
        long begin = System.nanoTime();
        Timer timer = failed;
        try {
            Begun begun = start.begin();
            timer = ok;
            return begun;
        } catch (Rejected | PolicySource.Refused e) {
            timer = refused;
            throw e;
        } finally {
            timer.record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        }
    }
}
