package io.sallyport.sync.session;

import io.sallyport.sync.host.Host;
import io.sallyport.sync.network.Network.Origin;

/** Whether containers are still there, by the host's end of their cables. */
final class Cables {
    private Cables() {}

    static boolean isGone(Origin origin) {
        return Host.interfaceIndex(origin.device()) != origin.index()
                || !Host.boot().equals(origin.boot());
    }
}
