package io.sallyport.sync.metric;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.RuntimeMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The process and its Java machine, by the names that other programs' metrics have as well. */
final class Machine implements Metrics.Source {
    private static final Path SELF = Path.of("/proc/self");
    private static final double MILLI = 1e-3;
    private static final double NANO = 1e-9;
    private static final long KIB = 1024;

    @Override
    public Map<String, Number> values() {
        Map<String, Number> values = new TreeMap<>();
        RuntimeMXBean runtime = ManagementFactory.getRuntimeMXBean();
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        values.put("process_start_time_seconds", runtime.getStartTime() * MILLI);
        values.put("process_cpu_seconds_total", processorSeconds());
        values.put("process_resident_memory_bytes", residentBytes());
        values.put("process_open_fds", openFiles());
        values.put("jvm_memory_used_bytes{area=\"heap\"}", memory.getHeapMemoryUsage().getUsed());
        values.put("jvm_memory_max_bytes{area=\"heap\"}", memory.getHeapMemoryUsage().getMax());
        values.put(
                "jvm_memory_used_bytes{area=\"nonheap\"}",
                memory.getNonHeapMemoryUsage().getUsed());
        values.put("jvm_threads", ManagementFactory.getThreadMXBean().getThreadCount());
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            String label =
                    "{gc=\""
                            + collector.getName().toLowerCase(Locale.ROOT).replace(' ', '_')
                            + "\"}";
            values.put("jvm_gc_collections_total" + label, collector.getCollectionCount());
            values.put(
                    "jvm_gc_collection_seconds_total" + label,
                    collector.getCollectionTime() * MILLI);
        }
        return values;
    }

    private static double processorSeconds() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getProcessCpuTime() * NANO
                : 0;
    }

    private static long residentBytes() {
        try (Stream<String> lines = Files.lines(SELF.resolve("status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | UncheckedIOException e) {
            return 0; // not Linux
        }
    }

    private static long openFiles() {
        try (Stream<Path> files = Files.list(SELF.resolve("fd"))) {
            return files.count();
        } catch (IOException | UncheckedIOException e) {
            return 0;
        }
    }
}
