package io.sallyport.sync.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One workload and what each server made of it.
 *
 * @param name the workload's
 * @param about one line for people: what was asked
 * @param smaller the same with fewer networks or patterns, if this is a comparison
 */
record Result(String name, String about, List<Row> rows, Optional<Result> smaller) {
    Result {
        rows = List.copyOf(rows);
    }

    Result(String name, String about, List<Row> rows) {
        this(name, about, rows, Optional.empty());
    }

    /** The same with more rows, before those it has. */
    Result with(List<Row> more) {
        List<Row> all = new ArrayList<>(more);
        all.addAll(rows);
        return new Result(name, about, all, smaller);
    }

    /** The same, to be compared with one of a smaller size. */
    Result against(Result other) {
        return new Result(name, about, rows, Optional.of(other));
    }

    /** How many times the processor time of the smaller size a server took. */
    OptionalDouble growth(Measured row) {
        return smaller.stream()
                .flatMap(other -> other.measured().stream())
                .filter(other -> other.server().equals(row.server()))
                .mapToDouble(other -> row.cpuMicros() / other.cpuMicros())
                .findFirst();
    }

    /** One line of the table. */
    sealed interface Row {
        String server();
    }

    /**
     * A server without a number.
     *
     * @param reason why
     */
    record LeftOut(String server, String reason) implements Row {}

    /**
     * The medians of all rounds.
     *
     * @param cpuMicros processor time of the server a completed question
     * @param cpuLeast the least of the rounds, {@code cpuMost} the most
     * @param p50Micros at a rate far below what the server can do
     * @param lost questions without an answer, all rounds together
     * @param wrong answers that were not right, all rounds together
     */
    record Measured(
            String server,
            double cpuMicros,
            double cpuLeast,
            double cpuMost,
            double qps,
            double p50Micros,
            double p99Micros,
            double residentMb,
            long lost,
            long wrong)
            implements Row {}

    /**
     * What those who ask slowly saw in a number of turns.
     *
     * @param p99Micros of the turn in the middle: a virtual machine stands still for some
     *     milliseconds now and then, which is one turn's bad luck
     */
    record Slow(
            double p50Micros,
            double p99Micros,
            double p99Least,
            double p99Most,
            long asked,
            long lost) {
        static Slow of(List<Load> turns) {
            List<Double> p99 = turns.stream().map(Load::p99).sorted().toList();
            return new Slow(
                    middle(turns.stream().map(Load::p50).sorted().toList()),
                    middle(p99),
                    p99.getFirst(),
                    p99.getLast(),
                    turns.stream().mapToLong(Load::sent).sum(),
                    turns.stream().mapToLong(Load::lost).sum());
        }

        private static double middle(List<Double> sorted) {
            return sorted.get(sorted.size() / 2);
        }

        double times(Slow other) {
            return p99Micros / other.p99Micros;
        }
    }

    /**
     * A server that others asked slowly while one network flooded it.
     *
     * @param offeredQps what the flood sent
     * @param servedQps what of it was answered
     * @param quiet what the others saw without a flood
     * @param elsewhere what they saw while the same flood went to a socket that nobody reads: what
     *     of it is this machine's, on which they share a core with the flooder
     * @param flooded what they saw under the flood
     * @param recoveryMillis from the flood's end until everything asked was answered in time again
     */
    record Flooded(
            String server,
            double offeredQps,
            double servedQps,
            Slow quiet,
            Slow elsewhere,
            Slow flooded,
            double recoveryMillis,
            double residentMbBefore,
            double residentMbAfter)
            implements Row {}

    /**
     * A server under half its load for long.
     *
     * @param heapMbFirst live objects after a collection, at the start; {@code heapMbLast} at the
     *     end
     */
    record Soaked(
            String server,
            double minutes,
            double qps,
            long asked,
            long lost,
            long wrong,
            double residentMbFirst,
            double residentMbLast,
            double residentMbMost,
            double heapMbFirst,
            double heapMbLast)
            implements Row {}

    /** One turn of one server. */
    record Turn(
            double cpuMicros,
            double qps,
            double p50Micros,
            double p99Micros,
            double residentMb,
            long lost,
            long wrong) {}

    static Measured measured(String server, List<Turn> turns) {
        List<Double> cpu = turns.stream().map(Turn::cpuMicros).sorted().toList();
        return new Measured(
                server,
                median(cpu),
                cpu.getFirst(),
                cpu.getLast(),
                median(turns.stream().map(Turn::qps).toList()),
                median(turns.stream().map(Turn::p50Micros).toList()),
                median(turns.stream().map(Turn::p99Micros).toList()),
                median(turns.stream().map(Turn::residentMb).toList()),
                turns.stream().mapToLong(Turn::lost).sum(),
                turns.stream().mapToLong(Turn::wrong).sum());
    }

    private static double median(Collection<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1
                ? sorted[middle]
                : Arrays.stream(sorted, middle - 1, middle + 1).average().orElseThrow();
    }

    List<Measured> measured() {
        List<Measured> measured = new ArrayList<>();
        for (Row row : rows) {
            if (row instanceof Measured one) {
                measured.add(one);
            }
        }
        return measured;
    }

    /** The reflector's processor time, if it ran. */
    OptionalDouble reflector() {
        return measured().stream()
                .filter(row -> row.server().equals(Peer.REFLECTOR.title()))
                .mapToDouble(Measured::cpuMicros)
                .findFirst();
    }

    /** The least processor time of a server that is neither ours nor the reflector. */
    OptionalDouble bestPeer() {
        return measured().stream().filter(Result::isPeer).mapToDouble(Measured::cpuMicros).min();
    }

    private static boolean isPeer(Measured row) {
        return !row.server().equals(Peer.REFLECTOR.title())
                && !row.server().startsWith(Peer.SALLYPORT.title());
    }
}
