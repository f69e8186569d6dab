package io.sallyport.sync.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Who asks one server, from which namespace and addresses.
 *
 * @param enter the command that enters the client's namespace
 * @param server the server's address
 * @param firstSource the first of the client's addresses
 * @param sources how many consecutive ones there are
 */
record Asker(
        Lab lab,
        Path spreader,
        List<String> enter,
        String server,
        int port,
        String firstSource,
        int sources) {
    /** The spreader's option that makes cold names new each time they come around. */
    static final String NEW_NAMES = "-r";

    /** Beyond the load itself: start, and the last answers. */
    private static final double SLACK_SECONDS = 20;

    Asker {
        enter = List.copyOf(enter);
    }

    /** On the loopback, from 127.0.0.1. */
    static Asker local(Lab lab, Path spreader, Site site) {
        return new Asker(lab, spreader, List.of(), site.address(), site.port(), "127.0.0.1", 1);
    }

    /**
     * dnsperf with this many questions outstanding; ends with the file, so that cold stays cold.
     */
    Load dnsperf(Path names, double seconds, int outstanding, boolean once)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("dnsperf", "-s", server));
        command.addAll(List.of("-p", Integer.toString(port), "-d", names.toString()));
        command.addAll(List.of("-T", "1", "-c", "1", "-t", "2", "-l", decimal(seconds)));
        command.addAll(List.of("-q", Integer.toString(outstanding)));
        if (once) {
            command.addAll(List.of("-n", "1"));
        }
        return Load.ofDnsperf(
                lab.run("dnsperf", Lab.LOAD_CORE, enter, command, seconds + SLACK_SECONDS));
    }

    /** Our spreader, with the given way of pacing: {@code -q N}, {@code -Q RATE}. */
    Load spread(Path names, double seconds, String way, int number)
            throws IOException, InterruptedException {
        return Load.ofSpreader(
                lab.run(
                        "spreader",
                        Lab.LOAD_CORE,
                        enter,
                        command(names, seconds, way, number),
                        seconds + SLACK_SECONDS));
    }

    /** The command line of the spreader. */
    List<String> command(Path names, double seconds, String way, int number) {
        return List.of(
                spreader.toString(),
                "-s",
                server,
                "-p",
                Integer.toString(port),
                "-d",
                names.toString(),
                "-l",
                decimal(seconds),
                "-a",
                firstSource,
                "-c",
                Integer.toString(sources),
                way,
                Integer.toString(number));
    }

    /** The same client, but only some of its addresses. */
    Asker from(String first, int count) {
        return new Asker(lab, spreader, enter, server, port, first, count);
    }

    /** The same client of another server. */
    Asker at(String other, int otherPort) {
        return new Asker(lab, spreader, enter, other, otherPort, firstSource, sources);
    }

    private static String decimal(double seconds) {
        return String.format(Locale.ROOT, "%.3f", seconds);
    }
}
