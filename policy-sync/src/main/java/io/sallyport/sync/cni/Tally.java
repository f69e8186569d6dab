package io.sallyport.sync.cni;

import io.sallyport.sync.cni.Call.Command;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** Calls by what they were and how they ended. */
final class Tally {
    private final Map<Command, AtomicLong> answered = each();
    private final Map<Command, AtomicLong> failed = each();
    private final AtomicLong unreadable = new AtomicLong();

    private static Map<Command, AtomicLong> each() {
        Map<Command, AtomicLong> counts = new EnumMap<>(Command.class);
        for (Command command : Command.values()) {
            counts.put(command, new AtomicLong());
        }
        return counts;
    }

    void answered(Command command) {
        count(answered, command).incrementAndGet();
    }

    void failed(Command command) {
        count(failed, command).incrementAndGet();
    }

    void unreadable() {
        unreadable.incrementAndGet();
    }

    private static AtomicLong count(Map<Command, AtomicLong> counts, Command command) {
        return counts.getOrDefault(command, new AtomicLong());
    }

    Map<String, Long> counters() {
        Map<String, Long> counters = new TreeMap<>();
        for (Command command : Command.values()) {
            counters.put(series(command.label(), "ok"), count(answered, command).get());
            counters.put(series(command.label(), "error"), count(failed, command).get());
        }
        counters.put(series("other", "error"), unreadable.get());
        return counters;
    }

    private static String series(String command, String result) {
        return "sallyport_cni_calls_total{command=\"" + command + "\",result=\"" + result + "\"}";
    }
}
