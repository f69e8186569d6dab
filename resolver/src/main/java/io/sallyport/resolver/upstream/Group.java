package io.sallyport.resolver.upstream;

import io.sallyport.resolver.question.Question;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import io.sallyport.resolver.upstream.stream.Streams;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Servers that stand in for each other: those of one forwarded domain, or of all other names. What
 * is learnt and spent in one group touches no other.
 */
final class Group {
    /** {@link #choose} skips a server that was tried so often. */
    static final int BARRED = Integer.MAX_VALUE;

    static final int NOBODY = -1;

    /** Nearer than this, distance makes no difference. */
    private static final double NEAR_NANOS = 500_000;

    /** The farthest gets one first query in so many squared, to know its distance. */
    private static final double FARTHEST = 8;

    private final String label;
    private final List<Server> servers;
    private final Question probe;
    private final RetryBudget budget = new RetryBudget();
    private final Failing failing = new Failing();

    /**
     * @param label the forwarded pattern, or a dot
     * @param probe what a server that seems to be down is asked
     */
    Group(String label, List<Endpoint> endpoints, Question probe, Streams.Counts counts) {
        this.label = label;
        this.servers = endpoints.stream().map(endpoint -> new Server(endpoint, counts)).toList();
        this.probe = probe;
    }

    String label() {
        return label;
    }

    int size() {
        return servers.size();
    }

    List<Server> servers() {
        return servers;
    }

    Server server(int index) {
        return servers.get(index);
    }

    Question probe() {
        return probe;
    }

    RetryBudget budget() {
        return budget;
    }

    Failing failing() {
        return failing;
    }

    /**
     * One that is up rather than one that is down, one least tried, near rather than far.
     *
     * @param tries how often each was asked, or {@link #BARRED}
     * @return its index, or {@link #NOBODY}
     */
    int choose(int[] tries) {
        if (servers.size() == 1) {
            return tries[0] == BARRED ? NOBODY : 0;
        }
        int up = 0;
        for (int i = 0; i < tries.length; i++) {
            up |= servers.get(i).isUp() && tries[i] != BARRED ? 1 << i : 0;
        }
        int candidates = leastTried(tries, up != 0 ? up : -1);
        return candidates == 0 ? NOBODY : draw(candidates);
    }

    /** Of these, as a set of bits, those that were tried least. */
    private static int leastTried(int[] tries, int among) {
        int found = 0;
        int least = BARRED;
        for (int i = 0; i < tries.length; i++) {
            if ((among >> i & 1) != 0 && tries[i] != BARRED && tries[i] <= least) {
                found = (tries[i] < least ? 0 : found) | 1 << i;
                least = tries[i];
            }
        }
        return found;
    }

    /** By one over the square of the distance: twice as far, a quarter as often. */
    private int draw(int candidates) {
        if (Integer.bitCount(candidates) == 1) {
            return Integer.numberOfTrailingZeros(candidates);
        }
        double nearest = Double.MAX_VALUE;
        for (int i = 0; i < servers.size(); i++) {
            nearest = (candidates >> i & 1) == 0 ? nearest : Math.min(nearest, distance(i));
        }
        double sum = 0;
        int drawn = NOBODY;
        for (int i = 0; i < servers.size(); i++) {
            if ((candidates >> i & 1) != 0) {
                double ratio = nearest / Math.min(distance(i), FARTHEST * nearest);
                double weight = ratio * ratio;
                sum += weight;
                if (ThreadLocalRandom.current().nextDouble() * sum < weight) {
                    drawn = i;
                }
            }
        }
        return drawn;
    }

    private double distance(int index) {
        return NEAR_NANOS + servers.get(index).roundTripNanos();
    }
}
