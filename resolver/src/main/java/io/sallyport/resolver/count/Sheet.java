package io.sallyport.resolver.count;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Cells that one thread writes and any may read: a count costs a plain addition. */
final class Sheet {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);

    /** Octets 0 to 63 are left to a neighbour: no cache line is written by two threads. */
    private static final int MARGIN = 8;

    private final long[] cells;

    Sheet(int size) {
        cells = new long[MARGIN + size + MARGIN];
    }

    void add(int cell, long amount) {
        int i = MARGIN + cell;
        ELEMENT.setOpaque(cells, i, cells[i] + amount);
    }

    long value(int cell) {
        return (long) ELEMENT.getOpaque(cells, MARGIN + cell);
    }
}
