package io.sallyport.resolver.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoopGroup;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

final class ShortTurnsTest {
    private static final int RUNTIME = 24;

    @Test
    void everyLoopTakesShortTurnsAndNobodyElseDoes() throws Exception {
        EventLoopGroup loops = Transport.EPOLL.loops(2);
        try {
            for (int i = 0; i < 2; i++) {
                assertThat(loops.next().submit(ShortTurnsTest::turn).get())
                        .isEqualTo(grants() ? 100_000L : 0L);
            }
            assertThat(turn()).isNotEqualTo(100_000L);
        } finally {
            loops.shutdownGracefully().sync();
        }
    }

    private static long turn() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment attributes = arena.allocate(48, Long.BYTES);
            assertThat(SystemCalls.scheduling(attributes)).isZero();
            return attributes.get(ValueLayout.JAVA_LONG, RUNTIME);
        }
    }

    /** Linux 6.12 and newer. */
    private static boolean grants() {
        String[] version = System.getProperty("os.version").split("\\D+", -1);
        int major = Integer.parseInt(version[0]);
        return major > 6 || (major == 6 && Integer.parseInt(version[1]) >= 12);
    }
}
