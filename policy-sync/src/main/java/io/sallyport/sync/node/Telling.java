package io.sallyport.sync.node;

import io.sallyport.sync.handover.Turn;
import io.sallyport.sync.report.Reports;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reports, from the moment when no other process tells anything. An order that is obeyed is in
 * force then: a process that still answered could open again what the order has closed.
 */
final class Telling implements AutoCloseable {
    private final Optional<Reports.Control> control;
    private final Function<Reports.Control, Reports> begin;
    private @Nullable Reports reports;
    private boolean resting;
    private boolean closed;

    Telling(
            Turn turn,
            Optional<Reports.Control> control,
            Function<Reports.Control, Reports> begin) {
        this.control = control;
        this.begin = begin;
        if (turn.isOverlapping()) {
            Thread.ofPlatform().daemon().name("overlap").start(() -> beginAfter(turn));
        } else {
            begin();
        }
    }

    private void beginAfter(Turn turn) {
        try {
            turn.awaitOnlyOne();
            begin();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void begin() {
        if (!closed && control.isPresent()) {
            Reports begun = begin.apply(control.get());
            reports = begun;
            if (resting) {
                begun.rest();
            }
        }
    }

    synchronized Map<String, Long> counters() {
        return reports == null ? Reports.none() : reports.counters();
    }

    synchronized void rest() {
        resting = true;
        if (reports != null) {
            reports.rest();
        }
    }

    synchronized void resume() {
        resting = false;
        if (reports != null) {
            reports.resume();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (reports != null) {
            reports.close();
        } else {
            control.ifPresent(Reports.Control::close);
        }
    }
}
