package io.sallyport.sync.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MeasuringTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit fills it in
    private Path directory;

    @Test
    void recoveryLastsUntilASecondWithoutALossAndWithOneLateIntervalAtMost() {
        String flood = "interval 0 10 7 900\ninterval 1 10 10 21000\ninterval 2 10 10 22000\n";
        String calm = calm(3, 30);

        assertThat(Flood.recoveryMillis("sent 40\n" + flood + calm)).isEqualTo(100);
        assertThat(Flood.recoveryMillis(flood + calm + "interval 30 10 10 30000\n")).isEqualTo(100);
        assertThat(Flood.recoveryMillis(flood + calm(3, 10) + "interval 10 10 9 80\n" + calm))
                .isEqualTo(550);
        assertThat(Flood.recoveryMillis(flood)).isEqualTo(100);
        assertThat(Flood.recoveryMillis("interval 0 10 7 900\n")).isEqualTo(50);
        assertThat(Flood.recoveryMillis("interval 0 10 10 80\n")).isZero();
    }

    private static String calm(int from, int to) {
        StringBuilder text = new StringBuilder();
        for (int i = from; i < to; i++) {
            text.append("interval ").append(i).append(" 10 10 80\n");
        }
        return text.toString();
    }

    @Test
    void whatTheOthersSawIsThatOfTheTurnInTheMiddleAndLossesOfAll() {
        List<Load> turns = List.of(turn(50, 400, 0), turn(60, 100, 2), turn(70, 200, 1));

        assertThat(Result.Slow.of(turns)).isEqualTo(new Result.Slow(60, 200, 100, 400, 30, 3));
    }

    private static Load turn(double p50, double p99, long lost) {
        return new Load(10, 10 - lost, lost, 1, Map.of(), -1, p50, p99);
    }

    @Test
    void heapIsTheSumOfTheGenerations() {
        assertThat(
                        Soak.usedMb(
                                """
                                4711:
                                DefNew     total 116160K, used 1000K [0x1, 0x2, 0x3)
                                 eden space 103296K,  30% used [0x1, 0x2, 0x3)
                                Tenured    total 258048K, used 9000K [0x1, 0x2, 0x3)
                                 the  space 258048K,   0% used [0x1, 0x2, 0x3)
                                """))
                .isEqualTo(10.24);
    }

    @Test
    void aConfigurationRepeatsItsLineForEveryDomain() throws IOException {
        Site site = new Site(List.of(), directory, "127.0.0.9", 5300, 5399, 3);

        assertThat(site.render("forward-zones"))
                .content()
                .isEqualTo(
                        """
                        +d0.example.com=127.0.0.1:5399
                        +d1.example.com=127.0.0.1:5399
                        +d2.example.com=127.0.0.1:5399
                        """);
        assertThat(site.render("unbound.conf"))
                .content()
                .contains("interface: 127.0.0.9@5300\n")
                .doesNotContain("@{");
    }

    @Test
    void coldNamesAreNeverAskedTwice() throws IOException {
        Names names = new Names(directory);

        List<String> all = Files.readAllLines(names.write(Names.Kind.COLD, 10, 20_000));
        all.addAll(Files.readAllLines(names.write(Names.Kind.COLD, 10, 20_000)));

        assertThat(new HashSet<>(all)).hasSize(40_000);
    }

    @Test
    void cachedNamesAreAThousandAndReachOverTheWholeList() throws IOException {
        List<String> all =
                Files.readAllLines(
                        new Names(directory).write(Names.Kind.CACHED, 1_000_000, 10_000));

        assertThat(new HashSet<>(all)).hasSize(1000).contains("w999.c999.d999000.example.com A");
    }
}
