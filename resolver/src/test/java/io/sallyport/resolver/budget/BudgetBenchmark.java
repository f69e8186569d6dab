package io.sallyport.resolver.budget;

import io.sallyport.resolver.budget.Budget.Events;
import io.sallyport.resolver.budget.Budget.Limit;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.budget.Budget.Passage;
import io.sallyport.resolver.budget.Budget.Toll;
import io.sallyport.resolver.name.WireName;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/** What a query pays for being counted. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BudgetBenchmark {
    private final Budget within = budget(Limits.DEFAULT.with(Limit.QUERIES_PER_SECOND, 1_000_000));
    private final Budget empty =
            budget(Limits.DEFAULT.with(Limit.QUERIES_PER_SECOND, 1).with(Limit.QUERY_BURST, 1));
    private final byte[] name = WireName.parse("files.python.org").octets();
    private final int covered = WireName.parse("python.org").length();

    /** A query each microsecond of this clock: the bucket is never empty. */
    private long now;

    private static Budget budget(Limits limits) {
        return new Budget("benchmark", limits, Events.NOBODY);
    }

    @Benchmark
    public Toll pays() {
        now += 1000;
        return within.query(now);
    }

    @Benchmark
    @Threads(2)
    public Toll floodsOnTwoLoops() {
        return empty.query(1);
    }

    @Benchmark
    public Passage departs() {
        now += 10_000_000;
        Passage departure = within.depart(name, name.length, covered, "", now);
        within.arrived();
        return departure;
    }
}
