package io.sallyport.resolver.listen;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts TCP connections, in all and by client, over all event loops. */
final class Doorkeeper {
    private final TcpLimits limits;
    private final Map<InetAddress, Integer> open = new HashMap<>();
    private int total;

    Doorkeeper(TcpLimits limits) {
        this.limits = limits;
    }

    synchronized boolean enter(InetAddress client) {
        int mine = open.getOrDefault(client, 0);
        if (total >= limits.connections() || mine >= limits.connectionsPerClient()) {
            return false;
        }
        open.put(client, mine + 1);
        total++;
        return true;
    }

    synchronized void leave(InetAddress client) {
        open.computeIfPresent(client, (address, mine) -> mine == 1 ? null : mine - 1);
        total--;
    }
}
