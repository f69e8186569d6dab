package io.sallyport.sync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.bench.Contest.Entry;
import io.sallyport.sync.bench.Contest.Pace;
import io.sallyport.sync.bench.Contest.Style;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Measured;
import io.sallyport.sync.bench.Result.Row;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Needs({"nsd", "unbound", "dnsperf", "cc", "taskset"})
class PeerTest {
    private static final Pace SHORT = new Pace(1, 0.2, 0.2, 0.1, 0.1);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit fills it in
    private Path directory;

    /** The program itself has its own tests; here it would need the launcher. */
    private static List<Peer> installed() {
        return Arrays.stream(Peer.values())
                .filter(peer -> peer != Peer.SALLYPORT && peer.missing().isEmpty())
                .toList();
    }

    @Test
    void everyInstalledServerAllowsWhatIsListedAndDeniesTheRest()
            throws IOException, InterruptedException {
        try (Lab lab = Lab.open(directory)) {
            Contest contest = contest(lab);
            Field field = field(lab, contest);
            List<Row> leftOut = new ArrayList<>();

            List<Entry> entries = field.start(installed(), Bench.SHORT_LIST, leftOut);

            assertThat(leftOut).isEmpty();
            assertThat(entries).extracting(Entry::server).contains("reflector", "unbound");
            Style denied = new Style(Names.Kind.DENIED, 10, 1000, true);
            assertThat(contest.run("denied", denied, entries))
                    .allSatisfy(row -> assertThat(row).isInstanceOf(Measured.class));
        }
    }

    @Test
    void aServerThatAnswersWrongHasNoNumber() throws IOException, InterruptedException {
        try (Lab lab = Lab.open(directory)) {
            Contest contest = contest(lab);
            int port = port();
            Running everythingAllowed = Field.upstream(lab, List.of(), lab.directory(), port);
            Site site = new Site(List.of(), lab.directory(), Site.UPSTREAM, port, port, 10);
            Asker asker = Asker.local(lab, lab.compile("spreader"), site);
            Entry entry = new Entry("nsd", everythingAllowed, asker, Bench.SHORT_LIST);
            Style denied = new Style(Names.Kind.DENIED, 10, 1000, false);
            while (asker.spread(names(lab), 0.1, "-q", 1).completed() == 0) {
                assertThat(everythingAllowed.isAlive()).isTrue();
            }

            assertThat(contest.run("denied", denied, List.of(entry)))
                    .singleElement()
                    .isInstanceOfSatisfying(
                            LeftOut.class,
                            row -> assertThat(row.reason()).contains("answers wrong under load"));
        }
    }

    private static Path names(Lab lab) throws IOException {
        return new Names(lab.directory()).write(Names.Kind.DENIED, Bench.SHORT_LIST, 10);
    }

    private static int port() {
        return ThreadLocalRandom.current().nextInt(10_000, 30_000);
    }

    private static Contest contest(Lab lab) {
        return new Contest(new Names(lab.directory()), SHORT, quiet());
    }

    private static Field field(Lab lab, Contest contest) throws IOException {
        Path spreader = lab.compile("spreader");
        Field field = new Field(lab, Path.of("unused"), spreader, contest, quiet(), port());
        field.startUpstream();
        return field;
    }

    private static PrintWriter quiet() {
        return new PrintWriter(Writer.nullWriter());
    }
}
