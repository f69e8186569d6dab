package io.sallyport.resolver.journey;

import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.journey.Arrivals.Arrival;
import io.sallyport.resolver.journey.Journey.Client;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.querylog.QueryLog.Pen;
import io.sallyport.resolver.reply.Reply;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How every answer leaves: counted by where it came from, timed, and written down if a query log is
 * kept. Answers of a batch are timed together, for one look at the clock.
 */
final class Telling {
    private static final Origin[] ORIGINS = Origin.values();

    private final Tally tally;
    private final @Nullable Pen log;
    private final LongSupplier clock;
    private final int[] told = new int[ORIGINS.length];
    private boolean any;

    Telling(Tally tally, @Nullable Pen log, LongSupplier clock) {
        this.tally = tally;
        this.log = log;
        this.clock = clock;
    }

    /** Answers what was asked in this batch. */
    @SuppressWarnings("EnumOrdinal") // an index of this moment
    void now(
            Client client,
            Query asked,
            @Nullable Binding network,
            Outcome decision,
            Origin origin,
            Reply reply,
            long since) {
        tally.responded(reply.rcode(), origin);
        told[origin.ordinal()]++;
        any = true;
        client.answer(reply);
        if (log != null) {
            write(log, client, asked, network, decision, origin, reply, since);
        }
    }

    /** Answers what was asked in an earlier batch. */
    void late(Arrival each, Outcome decision, Origin origin, Reply reply) {
        tally.responded(reply.rcode(), origin);
        tally.took(origin, 1, clock.getAsLong() - each.since());
        each.client().answer(reply);
        if (log != null) {
            write(
                    log,
                    each.client(),
                    each.asked(),
                    each.network(),
                    decision,
                    origin,
                    reply,
                    each.since());
        }
    }

    private void write(
            Pen pen,
            Client client,
            Query asked,
            @Nullable Binding network,
            Outcome decision,
            Origin origin,
            Reply reply,
            long since) {
        if (pen.wants(decision)) {
            pen.write(
                    network == null ? "" : network.network().id(),
                    client.addressHigh(),
                    client.addressLow(),
                    client.stream(),
                    asked,
                    decision,
                    origin,
                    reply,
                    clock.getAsLong() - since);
        }
    }

    /** The answers of a batch have been sent. */
    void settle(long since) {
        if (any) {
            any = false;
            long nanos = clock.getAsLong() - since;
            for (int i = 0; i < told.length; i++) {
                if (told[i] > 0) {
                    tally.took(ORIGINS[i], told[i], nanos);
                    told[i] = 0;
                }
            }
        }
    }
}
