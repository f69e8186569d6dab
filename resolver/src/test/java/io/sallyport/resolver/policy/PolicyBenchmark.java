package io.sallyport.resolver.policy;

import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.pattern.DomainPattern;
import io.sallyport.resolver.policy.Policy.Ancestors;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Rules;
import io.sallyport.resolver.policy.Policy.Subject;
import io.sallyport.resolver.policy.Policy.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a judgement costs, name made ready, however long the list is. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PolicyBenchmark {
    /** A power of two of different names, so that no branch is learnt by heart. */
    private static final int NAMES = 1024;

    @Param({"10", "1000", "1000000"})
    int patterns;

    private Policy policy = Policy.PENDING;
    private byte[][] allowed = {};
    private byte[][] denied = {};
    private final Subject subject = new Subject();
    private int next;

    @Setup
    public void compile() {
        List<Entry> entries = new ArrayList<>(patterns);
        for (int i = 0; i < patterns; i++) {
            WireName name = WireName.parse("host" + i + ".example.com");
            entries.add(
                    new Entry(
                            new DomainPattern(DomainPattern.Scope.AT_OR_BELOW, name, List.of()),
                            "benchmark"));
        }
        policy =
                Policy.compile(
                        new Rules(
                                "benchmark",
                                true,
                                false,
                                entries,
                                List.of(),
                                List.of(),
                                List.of(),
                                Set.of(),
                                List.of(),
                                Ancestors.NXDOMAIN));
        allowed = names("www.host%d.example.com", patterns);
        denied = names("www.other%d.example.net", NAMES);
    }

    private static byte[][] names(String form, int numbers) {
        byte[][] names = new byte[NAMES][];
        for (int i = 0; i < NAMES; i++) {
            long number = i * 7919L % numbers;
            names[i] = WireName.parse(form.formatted(number)).octets();
        }
        return names;
    }

    private Verdict judge(byte[][] names) {
        byte[] name = names[next++ & (NAMES - 1)];
        subject.prepare(name, name.length);
        return policy.judge(subject);
    }

    @Benchmark
    public Verdict allows() {
        return judge(allowed);
    }

    @Benchmark
    public Verdict denies() {
        return judge(denied);
    }
}
