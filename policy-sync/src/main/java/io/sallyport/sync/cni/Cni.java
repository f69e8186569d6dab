package io.sallyport.sync.cni;

import io.sallyport.sync.network.Network;
import io.sallyport.sync.session.Sessions;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Containers' networks, by way of a container runtime. */
public final class Cni {
    /**
     * @param socket where the plugin calls
     * @param report where whoever looks after the runtime's configuration says how it is
     */
    public record Config(Path socket, Path report) {
        /** The report beside the socket. */
        public static Config at(Path socket) {
            Path absolute = socket.toAbsolutePath().normalize();
            return new Config(absolute, absolute.resolveSibling("cni-conf.json"));
        }

        /**
         * Why new containers would start without the runtime's call; one sentence each. Empty too
         * where nobody has ever looked after its configuration.
         */
        public List<String> faults() {
            return ConfReport.faults(report);
        }
    }

    /** How the node is. */
    public interface Health {
        /** What keeps it from serving new containers, one sentence each. */
        List<String> readiness();

        /** What is wrong with the rules in the kernel, looked at now. */
        List<String> inKernel();
    }

    /**
     * Whose session a pod gets. Called on ADD, on a thread of its own, when the pod's network is
     * attached and in force: pending, everything denied. {@link Network#origin()} has the pod, the
     * container and its interface; a pod whose sandbox is made again has another network.
     */
    public interface Birth {
        /** Every pod stays pending until somebody starts its session by the node's API. */
        Birth PENDING = (network, pod, patience) -> () -> {};

        /**
         * Finds out whose the pod's session is to be. Interrupted when the node stops or hands
         * over: it is to give up then, at once.
         *
         * @param patience how long the runtime waits; longer is in vain
         * @throws Refused if the pod is not to start; its network is gone then, and the runtime may
         *     try again
         * @throws IOException if whom to ask cannot be asked just now; likewise
         */
        Start awaited(Network network, Network.Pod pod, Duration patience)
                throws Refused, IOException;
    }

    /** What is done for a pod when it is known whose it is; nobody interrupts that. */
    @FunctionalInterface
    public interface Start {
        /**
         * Starts the pod's session on the network's place, or leaves it pending because that is
         * what its policy wants (a warm pool's). When this returns, the pod starts.
         *
         * @throws Refused as {@link Birth#awaited}
         * @throws IOException likewise
         */
        void begin() throws Refused, IOException;
    }

    /** The pod may not start. The message says why, for whoever describes the pod. */
    public static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        public Refused(String message) {
            super(message);
        }
    }

    private final Config config;
    private final Attachments attachments;
    private final Tally tally = new Tally();

    /**
     * @param nameServers what containers are told to ask
     */
    public Cni(
            Config config,
            Sessions sessions,
            Birth birth,
            Health health,
            List<String> nameServers) {
        this.config = config;
        this.attachments = new Attachments(sessions, birth, health, nameServers);
    }

    /**
     * Listens until it is closed; calls that have come are answered first.
     *
     * @throws IOException if the socket cannot be had; the message names it
     */
    public Closeable open() throws IOException {
        return Door.open(config.socket(), attachments, tally, Door.LAST_CALLS);
    }

    /** Counters by metric name, all of them from the start. */
    public Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>(tally.counters());
        counters.putAll(ConfReport.read(config.report()).counters());
        return counters;
    }
}
