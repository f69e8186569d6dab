package io.sallyport.iptables.firewall;

import io.sallyport.iptables.firewall.Firewall.Access;
import io.sallyport.iptables.script.Ruleset.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Bindings that are to begin or end, from many threads. Those that come while the kernel is being
 * told of others wait, and are served together by the first of them whose turn it is: one script a
 * family, one walk through the tracked flows, however many there are.
 */
final class Turns {

    /** Rules of so many go in within a second, on a busy machine too. */
    private static final int MOST_TOGETHER = 64;

    sealed interface Request permits Begin, End {
        Outcome outcome();
    }

    /** How it ended, told by one thread to another under the same lock. */
    static final class Outcome {
        private @Nullable RuntimeException failure;
        private boolean known;

        private void known(@Nullable RuntimeException how) {
            if (!known) {
                failure = how;
                known = true;
            }
        }
    }

    /** What is to begin. */
    static final class Begin implements Request {
        private final Binding wanted;
        private final Access access;
        private final Outcome outcome = new Outcome();
        private @Nullable PinBook pins;

        Begin(Binding wanted, Access access) {
            this.wanted = wanted;
            this.access = access;
        }

        Binding wanted() {
            return wanted;
        }

        Access access() {
            return access;
        }

        @Override
        public Outcome outcome() {
            return outcome;
        }

        void begun(@Nullable PinBook by) {
            pins = by;
            outcome.known(null);
        }

        void failed(RuntimeException why) {
            outcome.known(why);
        }

        PinBook pins() {
            if (pins == null) {
                throw new IllegalStateException("binding " + wanted.name() + " has not begun");
            }
            return pins;
        }
    }

    /** What is to end. */
    record End(String binding, Outcome outcome) implements Request {
        End(String binding) {
            this(binding, new Outcome());
        }
    }

    private final ConcurrentLinkedQueue<Request> waiting = new ConcurrentLinkedQueue<>();
    private final Bindings bindings;

    Turns(Bindings bindings) {
        this.bindings = bindings;
    }

    /** Puts a request in line, before its turn. */
    void add(Request request) {
        waiting.add(request);
    }

    /** Serves whatever waits until this one was; by one thread at a time. */
    void serve(Request request) {
        while (!request.outcome().known) {
            List<Request> turn = new ArrayList<>();
            while (turn.size() < MOST_TOGETHER && !waiting.isEmpty()) {
                turn.add(waiting.remove());
            }
            if (turn.isEmpty()) {
                throw new IllegalStateException("a request was lost");
            }
            serve(turn);
        }
        if (request.outcome().failure != null) {
            throw request.outcome().failure;
        }
    }

    private void serve(List<Request> turn) {
        List<Begin> begins = new ArrayList<>();
        List<End> ends = new ArrayList<>();
        for (Request each : turn) {
            switch (each) {
                case Begin begin -> begins.add(begin);
                case End end -> ends.add(end);
            }
        }
        try {
            bindings.serve(begins, ends);
            turn.forEach(each -> each.outcome().known(null));
        } catch (RuntimeException e) {
            if (turn.size() == 1) {
                turn.getFirst().outcome().known(e);
            } else {
                // One of them may be to blame: the others must not suffer for it.
                turn.stream()
                        .filter(each -> !each.outcome().known)
                        .forEach(each -> serve(List.of(each)));
            }
        } catch (Error e) {
            turn.forEach(each -> each.outcome().known(new IllegalStateException(e)));
            throw e;
        }
    }
}
