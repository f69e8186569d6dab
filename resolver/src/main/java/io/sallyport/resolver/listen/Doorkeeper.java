package io.sallyport.resolver.listen;

import io.sallyport.resolver.budget.Budget;
import io.sallyport.resolver.budget.Budget.Limit;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts TCP connections over all event loops: in all, by network and by client. */
final class Doorkeeper {
    private final TcpLimits limits;
    private final Map<InetAddress, Integer> open = new HashMap<>();
    private volatile int total;

    Doorkeeper(TcpLimits limits) {
        this.limits = limits;
    }

    /** Takes a place; the same budget is to be given when it is left. */
    synchronized boolean enter(InetAddress client, Budget network, long nowNanos) {
        int mine = open.getOrDefault(client, 0);
        int most = network.limits().of(Limit.TCP_CONNECTIONS_PER_CLIENT);
        if (total >= limits.connections()
                || (most != 0 && mine >= most)
                || !network.connect(nowNanos)) {
            return false;
        }
        open.put(client, mine + 1);
        total++;
        return true;
    }

    synchronized void leave(InetAddress client, Budget network) {
        network.disconnected();
        open.computeIfPresent(client, (address, mine) -> mine == 1 ? null : mine - 1);
        total--;
    }

    /** Whether half of all places are taken, so that connections without use have to go. */
    boolean isCrowded() {
        return total * 2 >= limits.connections();
    }
}
