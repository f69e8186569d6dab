package io.sallyport.sync.bench;

import io.sallyport.sync.bench.Result.Flooded;
import io.sallyport.sync.bench.Result.LeftOut;
import io.sallyport.sync.bench.Result.Measured;
import io.sallyport.sync.bench.Result.Slow;
import io.sallyport.sync.bench.Result.Soaked;
import java.util.List;

/** Results as a run has them. */
final class Sample {
    static final Result DENIED =
            new Result(
                    "denied",
                    "names that are not allowed",
                    List.of(
                            new Measured(
                                    "sallyport", 5.0, 4.75, 5.25, 120_000.4, 80, 400, 120.04, 0, 0),
                            new Measured("reflector", 4.0, 4.0, 4.1, 130_000, 60, 110, 1.5, 0, 0),
                            new Measured("unbound", 6.25, 6, 7, 110_000, 90, 450, 21.2, 3, 1),
                            new LeftOut("named", "not installed (package bind9)")));

    static final Result FAIRNESS =
            new Result(
                    "fairness",
                    "one floods",
                    List.of(
                            new Flooded(
                                    "sallyport",
                                    300_000,
                                    2000,
                                    new Slow(50, 100, 90, 110, 5000, 0),
                                    new Slow(55, 120, 100, 300, 5000, 1),
                                    new Slow(60, 150, 130, 400, 5000, 2),
                                    50,
                                    200,
                                    201.5)));

    static final Result SOAK =
            new Result(
                    "soak",
                    "half load",
                    List.of(
                            new Soaked(
                                    "sallyport",
                                    60,
                                    50_000,
                                    180_000_000,
                                    0,
                                    0,
                                    200,
                                    201,
                                    202.5,
                                    20,
                                    20.5)));

    private Sample() {}
}
