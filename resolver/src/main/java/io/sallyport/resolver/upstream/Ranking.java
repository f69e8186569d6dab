package io.sallyport.resolver.upstream;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The servers in order of preference: those that are up, nearest first. Now and then another one,
 * to know its distance.
 */
final class Ranking {
    /** One first choice in so many goes elsewhere. */
    private static final int EXPLORE = 64;

    private final List<Server> servers;
    private final AtomicInteger choices = new AtomicInteger();

    Ranking(List<InetSocketAddress> addresses) {
        servers = addresses.stream().map(Server::new).toList();
    }

    int size() {
        return servers.size();
    }

    Server server(int index) {
        return servers.get(index);
    }

    /**
     * The best of those least tried.
     *
     * @param tries how often each was asked; {@link Integer#MAX_VALUE} for one that must not be
     *     asked again
     * @return its index, or -1 if there is none
     */
    int choose(int[] tries, long nowNanos) {
        boolean explore = servers.size() > 1 && choices.incrementAndGet() % EXPLORE == 0;
        int first = best(tries, -1, nowNanos);
        int second = explore && first >= 0 ? best(tries, first, nowNanos) : -1;
        boolean worthwhile =
                second >= 0
                        && tries[second] == tries[first]
                        && servers.get(second).cost(nowNanos) < Long.MAX_VALUE;
        int choice = worthwhile ? second : first;
        if (choice >= 0) {
            servers.get(choice).chosen(nowNanos);
        }
        return choice;
    }

    private int best(int[] tries, int except, long nowNanos) {
        int best = -1;
        long least = Long.MAX_VALUE;
        for (int i = 0; i < servers.size(); i++) {
            if (i == except || tries[i] == Integer.MAX_VALUE) {
                continue;
            }
            long cost = servers.get(i).cost(nowNanos);
            if (best < 0 || tries[i] < tries[best] || (tries[i] == tries[best] && cost < least)) {
                best = i;
                least = cost;
            }
        }
        return best;
    }
}
