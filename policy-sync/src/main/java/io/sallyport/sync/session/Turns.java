package io.sallyport.sync.session;

import io.sallyport.sync.network.Network;
import io.sallyport.sync.network.Network.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who works on which network. Work on the same address, the same name or, where it concerns an
 * interface as a whole, on that interface comes one after another; all other work goes on at once.
 */
final class Turns {
    /**
     * What work concerns.
     *
     * @param name of a session or a network that may not be there yet; null where the place says it
     *     all
     * @param whole whether it concerns all that is on the interface
     */
    record Concern(@Nullable String name, Place place, boolean whole) {
        private static final Place NOWHERE = new Place("", List.of());

        static Concern network(@Nullable String id, Place place) {
            return new Concern(id == null ? null : "network " + id, place, false);
        }

        static Concern session(@Nullable String id, Place place) {
            return new Concern(id == null ? null : "session " + id, place, false);
        }

        /** A session that is nowhere yet. */
        static Concern session(String id) {
            return session(id, NOWHERE);
        }

        static Concern interfaceOf(Network network) {
            return new Concern("network " + network.id(), network.place(), true);
        }

        boolean meets(Concern other) {
            return (name != null && name.equals(other.name))
                    || ((whole || other.whole)
                            && place.interfaceName().equals(other.place.interfaceName()))
                    || place.overlaps(other.place);
        }
    }

    /** Closed when the work is done. */
    final class Turn implements AutoCloseable {
        private final Concern concern;

        private Turn(Concern concern) {
            this.concern = concern;
        }

        @Override
        public void close() {
            done(this);
        }
    }

    private final List<Turn> taken = new ArrayList<>();

    /** Waits for what concerns the same. */
    synchronized Turn take(Concern concern) {
        boolean interrupted = false;
        while (isTaken(concern)) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true; // what is under way ends soon, and half a step is worse
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return begin(concern);
    }

    /** Empty where somebody works on it. */
    synchronized Optional<Turn> tryTake(Concern concern) {
        return isTaken(concern) ? Optional.empty() : Optional.of(begin(concern));
    }

    private boolean isTaken(Concern concern) {
        return taken.stream().anyMatch(turn -> turn.concern.meets(concern));
    }

    private Turn begin(Concern concern) {
        Turn turn = new Turn(concern);
        taken.add(turn);
        return turn;
    }

    private synchronized void done(Turn turn) {
        taken.remove(turn);
        notifyAll();
    }
}
