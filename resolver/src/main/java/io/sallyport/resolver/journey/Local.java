package io.sallyport.resolver.journey;

import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.count.Counters.Tally;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.pointer.Pointers.Pointer;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import org.jspecify.annotations.Nullable;

/** What this server knows itself, and nobody is asked for. */
final class Local {
    private static final int PTR = 12;
    private static final int TXT = 16;
    private static final int ANY = 255;

    private static final ExtendedError SPECIAL_USE =
            new ExtendedError(
                    ExtendedError.BLOCKED,
                    "a special-use name: answered here, never sent on; retrying will not help");

    private final Reply reply;
    private final Tally tally;
    private final Why why;

    Local(Reply reply, Tally tally) {
        this.reply = reply;
        this.tally = tally;
        this.why = new Why(reply, tally);
    }

    /** An answer to a special-use name. */
    Reply special(Query query, Binding network, long nowNanos, boolean tcp) {
        Reply explained = explained(query, network, tcp);
        if (explained != null) {
            return explained;
        }
        Reply pointer = pointer(query, network, nowNanos, tcp);
        if (pointer != null) {
            return pointer;
        }
        tally.add(Count.SPECIAL_USE);
        return reply.deny(query, Reply.NXDOMAIN, SPECIAL_USE, tcp);
    }

    /** Why a name resolves here or does not; null if that is not asked. */
    @Nullable Reply explained(Query query, Binding network, boolean tcp) {
        return query.type() == TXT ? why.of(query, network, tcp) : null;
    }

    /**
     * The one thing that a reverse zone is asked for here: the name of an address that this network
     * has been given, from memory. Null for all else, which then gets its denial.
     */
    @Nullable Reply pointer(Query query, Binding network, long nowNanos, boolean tcp) {
        if (query.type() != PTR && query.type() != ANY) {
            return null;
        }
        if (network.ended() || !network.network().policy().allowsPointers()) {
            return null;
        }
        Pointer pointer = network.pointers().find(query.lowered(), query.nameLength(), nowNanos);
        if (pointer == null) {
            return null;
        }
        tally.add(Count.SPECIAL_USE);
        return query.type() == ANY
                ? reply.minimalAny(query, tcp)
                : reply.pointer(query, pointer.name(), pointer.ttl(), tcp);
    }
}
