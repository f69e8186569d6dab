package io.sallyport.sync.report;

import io.sallyport.resolver.network.Networks.Decision;
import io.sallyport.resolver.network.Networks.Verdict;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.sync.session.Sessions.Decided;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Decisions that were not told yet: one row for each session, name and reason. One thread's. */
final class Ledger {
    /** Ten full reports: 4 MB of usual names, 20 MB of the longest that a sandbox makes up. */
    static final int MOST = 20_000;

    private record Key(String session, String name, Verdict verdict, Reason reason) {}

    private final Map<Key, Decided> rows = new LinkedHashMap<>();
    private long lost;

    void add(Collection<Decided> fresh) {
        for (Decided each : fresh) {
            Decision decision = each.decision();
            Key key =
                    new Key(each.session(), decision.name(), decision.verdict(), decision.reason());
            Decided before = rows.get(key);
            if (before != null) {
                rows.put(
                        key,
                        together(
                                before,
                                decision.first(),
                                decision.last(),
                                before.decision().count() + decision.count()));
            } else if (rows.size() < MOST) {
                rows.put(key, together(each, decision.first(), decision.last(), decision.count()));
            } else {
                lost += decision.count();
            }
        }
    }

    /** The clock of a host may step back between the first time and the last. */
    private static Decided together(Decided one, long first, long last, long count) {
        Decision decision = one.decision();
        return new Decided(
                one.org(),
                one.session(),
                new Decision(
                        decision.verdict(),
                        decision.name(),
                        decision.reason(),
                        count,
                        Math.min(
                                Math.min(decision.first(), decision.last()), Math.min(first, last)),
                        Math.max(
                                Math.max(decision.first(), decision.last()),
                                Math.max(first, last))));
    }

    /** Counts what is not told any more. */
    void lose(Collection<Decided> decided) {
        decided.forEach(each -> lost += each.decision().count());
    }

    /** The oldest rows, no longer kept here; {@link #add} takes them back. */
    List<Decided> take(int most) {
        List<Decided> taken = new ArrayList<>();
        Iterator<Decided> oldest = rows.values().iterator();
        while (taken.size() < most && oldest.hasNext()) {
            taken.add(oldest.next());
            oldest.remove();
        }
        return taken;
    }

    /** Decisions that found no room, or were not understood, since the start. */
    long lost() {
        return lost;
    }
}
