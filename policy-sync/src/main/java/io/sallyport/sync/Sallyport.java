package io.sallyport.sync;

import io.sallyport.sync.cli.Cli;

/** The program. */
public final class Sallyport {
    private Sallyport() {}

    public static void main(String[] arguments) {
        System.exit(Cli.run(arguments));
    }
}
