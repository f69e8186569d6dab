package io.sallyport.sync;

import io.sallyport.sync.cli.Cli;
import java.util.Set;

/** The program. */
public final class Sallyport {
    /**
     * The log is what these have to say while they run; of all others only trouble is of interest.
     */
    private static final Set<String> SERVERS = Set.of("up", "node", "control", "resolver");

    /** How many threads carry the others, which serve requests. */
    private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";

    /**
     * A call into the database holds its carrier, a commit for as long as the disk takes: with one
     * carrier a processor, as usual, two slow commits would stop a small server.
     */
    private static final int LEAST_CARRIERS = 12;

    private Sallyport() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0 || !SERVERS.contains(arguments[0])) {
            System.setProperty("sallyport.log", System.getProperty("sallyport.log", "WARN"));
        }
        if (System.getProperty(CARRIERS) == null) {
            int processors = Runtime.getRuntime().availableProcessors();
            System.setProperty(CARRIERS, Integer.toString(Math.max(processors, LEAST_CARRIERS)));
        }
        System.exit(Cli.run(arguments));
    }
}
