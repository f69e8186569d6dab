package io.sallyport.resolver.budget;

import io.sallyport.resolver.budget.Budget.Event;
import io.sallyport.resolver.budget.Budget.Kind;
import io.sallyport.resolver.hash.SipHash;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import java.security.SecureRandom;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The budget of a wildcard: whoever owns a zone below one sees each name that is asked for there,
 * and so reads what a sandbox writes into it. Only names that leave for an upstream are counted,
 * each once a minute; what the cache answers tells nobody anything.
 *
 * <p>A name that leaves again costs {@link #REPEAT} octets: choosing among names that are known
 * already, whose answers may not be kept, tells something too. Repeats may take as much again as
 * new names, so that a program that went over goes on with the names it has.
 *
 * <p>At level "all" the tally is the registrable domain's, and a full window lets everything pass:
 * there a tunnel does not need names.
 */
final class NameBudget {

    /** What holds for one name. */
    enum Ruling {
        WITHIN,
        /** Over it, and the first in this minute below this pattern, one of the first few. */
        FIRST_OVER,
        OVER
    }

    /** All patterns of a network together, in budgets of one; it bounds a window's memory. */
    private static final int PATTERNS = 8;

    /** Where names have no limit, this many of a pattern: 4 MB a window. */
    private static final int MOST_NAMES = 50_000;

    private static final int UNLIMITED = Integer.MAX_VALUE;

    /** The index of one of 65,536 names in two octets: more than a window holds by default. */
    private static final int REPEAT = 2;

    private static final int ROOT = 1;

    private final boolean limited;
    private final int names;
    private final int octets;
    private final int total;
    private final SipHash hash;
    private final AtomicReference<@Nullable NameWindow> window = new AtomicReference<>();

    NameBudget(int names, int octets) {
        limited = names != 0 || octets != 0;
        this.names = names == 0 ? UNLIMITED : names;
        this.octets = octets == 0 ? UNLIMITED : octets;
        total = Math.min(this.names, MOST_NAMES) * PATTERNS;
        SecureRandom random = new SecureRandom();
        hash = new SipHash(random.nextLong(), random.nextLong());
    }

    Ruling admit(byte[] lowered, int length, int covered, long nowNanos) {
        if (covered == 0 || !limited) {
            return Ruling.WITHIN;
        }
        NameWindow held = window(nowNanos);
        long name = hash.mac(lowered, 0, length);
        boolean known = held.knows(name);
        if (known && covered == ROOT) {
            return Ruling.WITHIN;
        }
        int suffix = suffix(lowered, length, covered);
        int tally = held.tally(hash.mac(lowered, length - suffix, suffix));
        return known
                ? repeated(held, tally)
                : fresh(held, tally, name, length - suffix, covered == ROOT);
    }

    private Ruling repeated(NameWindow held, int tally) {
        if (held.octets(tally) + REPEAT > octets * 2L) {
            return over(held, tally);
        }
        held.spend(tally, 0, REPEAT);
        return Ruling.WITHIN;
    }

    private Ruling fresh(NameWindow held, int tally, long name, int below, boolean everywhere) {
        if (held.names(tally) >= names || held.octets(tally) + below > octets) {
            return over(held, tally);
        }
        if (held.names() >= total) {
            return everywhere || names == UNLIMITED ? Ruling.WITHIN : over(held, tally);
        }
        held.spend(tally, 1, below);
        remember(held, name);
        return Ruling.WITHIN;
    }

    private static Ruling over(NameWindow held, int tally) {
        return held.tell(tally) ? Ruling.FIRST_OVER : Ruling.OVER;
    }

    private void remember(NameWindow held, long name) {
        NameWindow roomy = held;
        if (held.isCrowded()) {
            roomy = held.grown();
            if (!window.compareAndSet(held, roomy)) {
                return; // another loop was here: this name may count again
            }
        }
        roomy.remember(name);
    }

    private NameWindow window(long nowNanos) {
        NameWindow held = window.get();
        if (held != null && nowNanos - held.start < Budget.WINDOW_NANOS) {
            return held;
        }
        NameWindow next = new NameWindow(nowNanos);
        NameWindow before = window.compareAndExchange(held, next);
        return before == null || before == held ? next : before;
    }

    private static int suffix(byte[] lowered, int length, int covered) {
        return covered == ROOT ? DomainPattern.registrable(lowered, length) : covered;
    }

    /** What to tell about a name over its budget. */
    Event event(String network, byte[] lowered, int length, int covered, String pattern) {
        int suffix = suffix(lowered, length, covered);
        NameWindow held = window.get();
        int tally = held == null ? 0 : held.tally(hash.mac(lowered, length - suffix, suffix));
        return new Event(
                Kind.NAMES,
                network,
                covered == ROOT
                        ? "." + WireName.ofLowered(lowered, length - suffix, suffix)
                        : pattern,
                held == null ? 0 : held.names(tally),
                held == null ? 0 : held.octets(tally));
    }
}
