package io.sallyport.resolver.journey;

import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.budget.Budget.Toll;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.journey.Journey.Client;
import io.sallyport.resolver.network.Networks;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.query.Query.Gate;
import org.jspecify.annotations.Nullable;

/** Where a query pays from its network's budget: before it is read, and before it leaves. */
final class Turnstile {
    /** ::ffff:0:0/96, as listeners write IPv4. */
    private static final long MAPPED = 0xffff;

    private static final int NOT_READ = -1;

    private final Networks networks;
    private final Tally tally;

    Turnstile(Networks networks, Tally tally) {
        this.networks = networks;
        this.tally = tally;
    }

    Budget budget(@Nullable Binding network) {
        return network == null ? networks.strangers() : network.budget();
    }

    /** Comes first: what a network sends too much of is not even read. */
    Toll toll(@Nullable Binding network, Client client, long nowNanos) {
        Toll toll = budget(network).query(nowNanos);
        if (toll != Toll.PAID) {
            tally.add(Count.OVER_QUERIES);
        }
        if (toll == Toll.SILENCE) {
            tally.asked(client.stream(), isSix(client), NOT_READ);
            tally.add(Count.DROPPED_FLOOD);
            client.silence();
        }
        return toll;
    }

    /** Counts a message that was read, and paid for. */
    void read(Client client, Query query, Gate gate) {
        tally.asked(client.stream(), isSix(client), gate == Gate.PASS ? query.type() : NOT_READ);
    }

    private static boolean isSix(Client client) {
        return client.addressHigh() != 0 || client.addressLow() >>> 32 != MAPPED;
    }

    /** Null if the question may leave, and then its place has to be given back; or why not. */
    @Nullable ExtendedError depart(Binding network, Allow allow, Query query, long nowNanos) {
        return switch (network.budget()
                .depart(
                        query.lowered(),
                        query.nameLength(),
                        allow.covered(),
                        allow.pattern(),
                        nowNanos)) {
            case GO -> null;
            case TOO_MANY_NAMES -> over(Count.OVER_NAMES, Budget.TOO_MANY_NAMES);
            case TOO_FAST -> over(Count.OVER_UPSTREAM_QUERIES, Budget.TOO_FAST);
            case TOO_MANY_AT_ONCE -> over(Count.OVER_IN_FLIGHT, Budget.TOO_MANY_AT_ONCE);
        };
    }

    private ExtendedError over(Count count, ExtendedError why) {
        tally.add(count);
        return why;
    }
}
