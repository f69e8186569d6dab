package io.sallyport.resolver.heap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeapTest {
    private static final int MEGABYTE = 1 << 20;

    /** Keeps the last ten of a thousand megabytes, and prints how much the old generation had. */
    static final class Churn {
        private Churn() {}

        public static void main(String[] words) throws InterruptedException {
            if (words.length > 0) {
                Heap.keepSmall();
                Heap.keepSmall();
            }
            Queue<byte[][]> kept = new ArrayDeque<>();
            long most = 0;
            for (int i = 0; i < 1000; i++) {
                byte[][] megabyte = new byte[1024][1024];
                kept.add(megabyte);
                if (kept.size() > 10) {
                    kept.remove();
                }
                most =
                        Math.max(
                                most,
                                Runtime.getRuntime().totalMemory()
                                        - Runtime.getRuntime().freeMemory());
                Thread.sleep(1);
            }
            System.out.println(most / MEGABYTE);
        }
    }

    @Test
    void garbageDoesNotFillTheHeap() throws IOException, InterruptedException {
        assertThat(churn("keep")).isLessThan(10 + Heap.ROOM / MEGABYTE + 100);
    }

    @Test
    void withoutItGarbageFillsIt() throws IOException, InterruptedException {
        assertThat(churn()).isGreaterThan(300);
    }

    private static long churn(String... words) throws IOException, InterruptedException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx512m",
                                "-Xmn16m",
                                "-XX:MaxTenuringThreshold=0",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Churn.class.getName()));
        command.addAll(List.of(words));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(printed).isZero();
        return Long.parseLong(printed.strip());
    }
}
