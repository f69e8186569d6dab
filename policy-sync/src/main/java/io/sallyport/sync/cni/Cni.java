package io.sallyport.sync.cni;

import io.sallyport.sync.network.Network;
import java.io.IOException;
import java.time.Duration;

/** Containers' networks, by way of a container runtime. */
public final class Cni {
    private Cni() {}

    /**
     * Whose session a pod gets. Called on ADD, on a thread of its own, when the pod's network is
     * attached and in force: pending, everything denied. {@link Network#origin()} has the pod, the
     * container and its interface; a pod whose sandbox is made again has another network.
     */
    public interface Birth {
        /** Every pod stays pending until somebody starts its session by the node's API. */
        Birth PENDING = (network, pod, patience) -> {};

        /**
         * Starts the pod's session on the network's place, or leaves it pending because that is
         * what its policy wants (a warm pool's). When this returns, the pod starts.
         *
         * @param patience how long the runtime waits; longer is in vain
         * @throws Refused if the pod is not to start; its network is gone then, and the runtime may
         *     try again
         * @throws IOException if whom to ask cannot be asked just now; likewise
         */
        void born(Network network, Network.Pod pod, Duration patience) throws Refused, IOException;
    }

    /** The pod may not start. The message says why, for whoever describes the pod. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }
}
