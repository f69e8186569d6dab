package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Finding;
import io.sallyport.sync.probe.Probe.Result;
import java.io.IOException;

/** One way out and how to try it. */
record Way(String name, String tried, Trial trial) {

    /** What was seen. */
    record Seen(Result result, String happened) {
        static Seen blocked(String happened) {
            return new Seen(Result.BLOCKED, happened);
        }

        static Seen open(String happened) {
            return new Seen(Result.OPEN, happened);
        }

        static Seen unknown(String happened) {
            return new Seen(Result.UNKNOWN, happened);
        }
    }

    /** Tries it once. An {@link IOException} means that this machine could not try. */
    interface Trial {
        Seen attempt() throws IOException;
    }

    Finding attempt() {
        Seen seen;
        try {
            seen = trial.attempt();
        } catch (IOException e) {
            seen = Seen.unknown("not tried: " + e.getMessage());
        } catch (RuntimeException e) {
            seen = Seen.unknown("failed: " + e);
        }
        return new Finding(name, Holes.of(name), tried, seen.result(), seen.happened());
    }
}
