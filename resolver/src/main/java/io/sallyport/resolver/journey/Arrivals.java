package io.sallyport.resolver.journey;

import io.netty.channel.EventLoop;
import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.count.Counters.Origin;
import io.sallyport.resolver.count.Counters.Outcome;
import io.sallyport.resolver.error.ExtendedError;
import io.sallyport.resolver.journey.Journey.Client;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Allow;
import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Answers that were waited for. Those that come in one turn of the loop leave together at its end,
 * so that their ways can be opened together too.
 */
final class Arrivals {

    /**
     * An answer, and who waits for it.
     *
     * @param judgedBy the policy that allowed the question
     * @param decision what that was
     * @param since when it was asked, by the clock of {@link System#nanoTime}
     */
    record Arrival(
            Query asked,
            WireName name,
            Binding network,
            Policy judgedBy,
            Allow allow,
            Answer answer,
            Client client,
            Outcome decision,
            long since) {

        /** Why the name is denied now that was not when it was asked for; null if it is not. */
        @SuppressWarnings("ReferenceEquality") // another policy is another object
        @Nullable ExtendedError deniedSince() {
            Policy now = network.network().policy();
            boolean denied =
                    now != judgedBy
                            && now.judge(name) instanceof Deny deny
                            && deny.reason() == Reason.EMERGENCY;
            return denied ? network.denial(Reason.EMERGENCY) : null;
        }
    }

    private final EventLoop loop;
    private final Runnable tick;
    private final Reply reply;
    private final Departure departure;
    private final Telling telling;
    private final BiConsumer<Throwable, Client> fault;
    private final List<Arrival> waiting = new ArrayList<>();

    /**
     * @param tick looks at the clock
     * @param fault takes what a client cannot be answered because of
     */
    Arrivals(
            EventLoop loop,
            Runnable tick,
            Reply reply,
            Departure departure,
            Telling telling,
            BiConsumer<Throwable, Client> fault) {
        this.loop = loop;
        this.tick = tick;
        this.reply = reply;
        this.departure = departure;
        this.telling = telling;
        this.fault = fault;
    }

    void add(Arrival arrival) {
        waiting.add(arrival);
        if (waiting.size() == 1) {
            try {
                loop.execute(this::leave);
            } catch (RejectedExecutionException e) { // the loop has ended
                leave();
            }
        }
    }

    private void leave() {
        tick.run();
        List<Arrival> leaving = List.copyOf(waiting);
        waiting.clear();
        // Judged once: whoever denies a name now looks again at what was on its way.
        @Nullable ExtendedError[] denied = new @Nullable ExtendedError[leaving.size()];
        for (int i = 0; i < denied.length; i++) {
            denied[i] = leaving.get(i).deniedSince();
            if (denied[i] == null && denied.length > 1) {
                announce(leaving.get(i));
            }
        }
        for (int i = 0; i < denied.length; i++) {
            leave(leaving.get(i), denied[i]);
        }
    }

    private void announce(Arrival each) {
        try {
            boolean tcp = each.client().stream();
            departure.announce(each.asked(), each.network(), each.allow(), each.answer(), tcp);
        } catch (RuntimeException e) {
            // Nobody relies on it: the same fault comes again where the answer leaves.
        }
    }

    private void leave(Arrival each, @Nullable ExtendedError denied) {
        Client client = each.client();
        boolean tcp = client.stream();
        try {
            if (denied != null) {
                Reply told = reply.deny(each.asked(), Reply.NXDOMAIN, denied, tcp);
                telling.late(each, Outcome.EMERGENCY, Origin.POLICY, told);
                return;
            }
            Reply told =
                    departure.of(
                            each.asked(),
                            each.name(),
                            each.network(),
                            each.allow(),
                            each.answer(),
                            tcp);
            Origin origin = departure.origin(Origin.UPSTREAM);
            telling.late(each, departure.decision(each.decision()), origin, told);
        } catch (Throwable e) {
            fault.accept(e, client);
        }
    }
}
