package io.sallyport.resolver.heap;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryNotificationInfo;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.management.NotificationEmitter;

/**
 * Keeps the old generation of the serial collector near what is alive in it. By itself it is
 * collected only when it is full, whatever its bound; so the memory of a busy server grows to the
 * bound and stays there. A full collection with a full cache stops the server for some 25 ms, once
 * in {@link #ROOM} octets of what queries have left behind.
 */
public final class Heap {
    /** At 55,000 queries a second of all kinds, some 34 s between two collections. */
    static final long ROOM = 48L << 20;

    private static final AtomicBoolean KEPT = new AtomicBoolean();

    private Heap() {}

    /** From now on, for the whole process; does nothing with another collector. */
    public static void keepSmall() {
        if (KEPT.getAndSet(true)) {
            return;
        }
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP
                    && pool.isUsageThresholdSupported()
                    && pool.getName().equals("Tenured Gen")) {
                keepSmall(pool);
            }
        }
    }

    private static void keepSmall(MemoryPoolMXBean old) {
        ((NotificationEmitter) ManagementFactory.getMemoryMXBean())
                .addNotificationListener(
                        (notification, pool) -> {
                            if (notification
                                    .getType()
                                    .equals(MemoryNotificationInfo.MEMORY_THRESHOLD_EXCEEDED)) {
                                System.gc();
                                leaveRoom((MemoryPoolMXBean) pool);
                            }
                        },
                        null,
                        old);
        leaveRoom(old);
    }

    private static void leaveRoom(MemoryPoolMXBean old) {
        MemoryUsage usage = old.getUsage();
        long wanted = usage.getUsed() + ROOM;
        // Where that is more than there is, the collector looks by itself.
        old.setUsageThreshold(usage.getMax() < 0 ? wanted : Math.min(wanted, usage.getMax()));
    }
}
