package io.sallyport.resolver.cookie;

import io.sallyport.resolver.cookie.Cookies.Standing;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a cookie costs its client's query. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CookiesBenchmark {
    private static final long NOW = 1_800_000_000;

    private final Cookies cookies = new Cookies(NOW);
    private static final long ADDRESS = 0xffff_0a00_0002L;

    private final byte[] scratch = new byte[Cookies.SCRATCH_OCTETS];
    private final byte[] cookie = new byte[Cookies.MAX_OCTETS];

    public CookiesBenchmark() {
        cookies.answer(cookie, Cookies.CLIENT_OCTETS, 0, ADDRESS, NOW, scratch);
    }

    @Benchmark
    public Standing checks() {
        return cookies.answer(cookie, Cookies.WHOLE_OCTETS, 0, ADDRESS, NOW, scratch);
    }

    @Benchmark
    public Standing makes() {
        return cookies.answer(cookie, Cookies.CLIENT_OCTETS, 0, ADDRESS, NOW, scratch);
    }
}
