package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Result.Soaked;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Half of what the server can do, for long, with an eye on its memory. */
final class Soak {
    private static final double WARM_SECONDS = 10;

    /**
     * The soak's own names at its own pace, which are other code than the most: the compiler is
     * done with it.
     */
    private static final double SETTLING_SECONDS = 20;

    private static final int OUTSTANDING = 100;
    private static final long SAMPLE_MILLIS = 1000;
    private static final int SAMPLES_A_LINE = 60;
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private final Lab lab;
    private final Names names;
    private final PrintWriter progress;

    Soak(Lab lab, Names names, PrintWriter progress) {
        this.lab = lab;
        this.names = names;
        this.progress = progress;
    }

    Soaked run(Entry entry, double minutes) throws IOException, InterruptedException {
        Running running = entry.running();
        running.thaw();
        Path file = names.write(Names.Kind.MIXED, entry.patterns(), Contest.Style.MOST_MIXED);
        Load most = entry.asker().spread(file, WARM_SECONDS, "-q", OUTSTANDING);
        int rate = (int) (most.rate() / 2);
        load(entry, file, SETTLING_SECONDS, rate).await(2 * SETTLING_SECONDS);
        double heapFirst = heapMb(running);
        double first = running.residentMb();
        double largest = first;
        Running load = load(entry, file, minutes * 60, rate);
        double last = first;
        for (int sample = 0; load.isAlive(); sample++) {
            Thread.sleep(SAMPLE_MILLIS);
            last = running.residentMb();
            largest = Math.max(largest, last);
            if (sample % SAMPLES_A_LINE == 0) {
                progress.printf("  soak: %d s, %.1f MB%n", sample, last);
                progress.flush();
            }
        }
        Load done = Load.ofSpreader(load.await(1));
        return new Soaked(
                entry.server(),
                minutes,
                done.rate(),
                done.sent(),
                done.lost(),
                done.wrong(Names.Kind.MIXED),
                first,
                last,
                largest,
                heapFirst,
                heapMb(running));
    }

    private Running load(Entry entry, Path file, double seconds, int rate) throws IOException {
        List<String> command = new ArrayList<>(entry.asker().command(file, seconds, "-Q", rate));
        command.add(Asker.NEW_NAMES);
        return lab.start("soak", Lab.LOAD_CORE, List.of(), command);
    }

    /** Live objects of a Java machine: what its heap holds after a full collection. */
    private static double heapMb(Running running) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        String pid = Long.toString(running.pid());
        Lab.tool(jcmd, pid, "GC.run");
        return usedMb(Lab.tool(jcmd, pid, "GC.heap_info"));
    }

    /** The sum over the generations. */
    static double usedMb(String text) {
        long kibibytes = 0;
        for (String line : text.lines().toList()) {
            Matcher matcher = USED.matcher(line);
            boolean generation = line.contains("total") && !line.contains("Metaspace");
            if (generation && matcher.find()) {
                kibibytes += Long.parseLong(matcher.group(1));
            }
        }
        return kibibytes * 1024 / 1e6;
    }
}
