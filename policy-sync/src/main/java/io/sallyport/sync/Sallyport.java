package io.sallyport.sync;

import io.sallyport.sync.cli.Cli;
import java.util.Set;

/** The program. */
public final class Sallyport {
    /**
     * The log is what these have to say while they run; of all others only trouble is of interest.
     */
    private static final Set<String> SERVERS = Set.of("up", "node", "control", "resolver");

    private Sallyport() {}

    public static void main(String[] arguments) {
        if (arguments.length == 0 || !SERVERS.contains(arguments[0])) {
            System.setProperty("sallyport.log", System.getProperty("sallyport.log", "WARN"));
        }
        System.exit(Cli.run(arguments));
    }
}
