package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The servers on the loopback: one upstream, each server on a port of its own. */
final class Field {
    /** One client stands for many here, and the others limit none. */
    static final String NO_LIMITS = "--no-limits";

    private static final double READY_SECONDS = 20;

    /** A million patterns are read in seconds, or the server is not made for them. */
    private static final double LONG_LIST_READY_SECONDS = 90;

    private static final int LONG_LIST = 100_000;

    private final Lab lab;
    private final Path launcher;
    private final Path spreader;
    private final Contest contest;
    private final PrintWriter progress;
    private final int upstreamPort;
    private int port;

    /**
     * @param firstPort the upstream's; the servers have the next ones
     */
    Field(
            Lab lab,
            Path launcher,
            Path spreader,
            Contest contest,
            PrintWriter progress,
            int firstPort) {
        this.lab = lab;
        this.launcher = launcher;
        this.spreader = spreader;
        this.contest = contest;
        this.progress = progress;
        this.upstreamPort = firstPort;
        this.port = firstPort + 1;
    }

    /** Starts nsd, in this namespace or another. */
    static Running upstream(Lab lab, List<String> enter, Path directory, int port)
            throws IOException {
        String program =
                Lab.program("nsd")
                        .orElseThrow(
                                () -> new IOException("nsd is missing: install the package nsd"))
                        .toString();
        Site site = new Site(enter, directory, Site.UPSTREAM, port, port, 0);
        String file = site.render("nsd.conf").toString();
        Names.writeZone(directory.resolve("example.com.zone"));
        return lab.start("nsd", Lab.LOAD_CORE, enter, List.of(program, "-d", "-c", file));
    }

    void startUpstream() throws IOException {
        upstream(lab, List.of(), lab.directory().resolve("upstream"), upstreamPort);
    }

    /**
     * Starts servers that stand still until their turn.
     *
     * @param leftOut takes those that do not run or do not answer right
     */
    List<Entry> start(List<Peer> peers, int patterns, List<Row> leftOut)
            throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        for (Peer peer : peers) {
            String name = peer.title();
            progress.println("  starting " + name);
            progress.flush();
            if (peer.missing().isPresent()) {
                leftOut.add(new LeftOut(name, peer.missing().get()));
                continue;
            }
            Site site = site(patterns);
            List<String> command = new ArrayList<>(peer.prepare(lab, site, launcher));
            if (peer == Peer.SALLYPORT) {
                command.add(NO_LIMITS);
            }
            add(peer, site, command, Asker.local(lab, spreader, site), entries, leftOut);
        }
        return entries;
    }

    /** Starts our own resolver with further options, asked from other addresses. */
    List<Entry> startOurs(List<String> options, String firstSource, int sources, List<Row> leftOut)
            throws IOException, InterruptedException {
        List<Entry> entries = new ArrayList<>();
        Site site = site(Bench.SHORT_LIST);
        List<String> command = new ArrayList<>(Peer.SALLYPORT.prepare(lab, site, launcher));
        command.addAll(options);
        Asker asker = Asker.local(lab, spreader, site).from(firstSource, sources);
        add(Peer.SALLYPORT, site, command, asker, entries, leftOut);
        return entries;
    }

    /** The directory has a short name: sockets live there, whose paths have 107 octets at most. */
    private Site site(int patterns) throws IOException {
        int at = port++;
        Path directory = Files.createDirectories(lab.directory().resolve("s" + at));
        return new Site(List.of(), directory, "127.0.0.1", at, upstreamPort, patterns);
    }

    private void add(
            Peer peer,
            Site site,
            List<String> command,
            Asker asker,
            List<Entry> entries,
            List<Row> leftOut)
            throws IOException, InterruptedException {
        String name = peer.title();
        Running running = lab.start(name, Lab.SERVER_CORE, site.enter(), command);
        Entry entry = new Entry(name, running, asker, site.patterns());
        String problem = peer == Peer.REFLECTOR ? "" : ready(entry);
        if (problem.isEmpty()) {
            running.freeze();
            entries.add(entry);
        } else {
            lab.end(running);
            leftOut.add(new LeftOut(name, problem));
        }
    }

    /** Waits until it answers right. Empty, or what is wrong. */
    String ready(Entry entry) throws IOException, InterruptedException {
        double seconds = entry.patterns() >= LONG_LIST ? LONG_LIST_READY_SECONDS : READY_SECONDS;
        long end = System.nanoTime() + (long) (seconds * 1e9);
        String problem;
        do {
            if (!entry.running().isAlive()) {
                return "ended: " + entry.running().lastWords();
            }
            problem = contest.check(entry.asker(), entry.patterns());
        } while (!problem.isEmpty() && System.nanoTime() < end);
        return problem.isEmpty() ? "" : "after " + (int) seconds + " s: " + problem;
    }
}
