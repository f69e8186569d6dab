package io.sallyport.iptables.firewall;

import io.sallyport.iptables.netlink.Netlink;
import io.sallyport.iptables.netlink.Netlink.Addition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Pins that were announced, of whatever bindings: all that wait are written by one call of the
 * kernel when the first of them is asked for. Then each finds itself in its book, or, if the kernel
 * refused, tries alone and says so. Any thread.
 */
final class Together {

    /** One answer's pins. */
    record Announced(PinBook book, PinBook.Batch batch, long now, int lasting) {}

    private final Netlink netlink;
    private List<Announced> waiting = new ArrayList<>();
    private volatile boolean some;

    Together(Netlink netlink) {
        this.netlink = netlink;
    }

    synchronized void add(Announced announced) {
        waiting.add(announced);
        some = true;
    }

    private synchronized List<Announced> take() {
        List<Announced> taken = waiting;
        waiting = new ArrayList<>();
        some = false;
        return taken;
    }

    void write() {
        if (!some) {
            return;
        }
        List<Announced> taken = take();
        if (taken.size() > 1) { // a lone one is written by who asks for it
            // In one order, whoever locks.
            List<PinBook> books =
                    taken.stream()
                            .map(Announced::book)
                            .distinct()
                            .sorted(Comparator.comparingLong(PinBook::number))
                            .toList();
            books.forEach(book -> book.writing.lock());
            try {
                writeAll(taken);
            } finally {
                books.forEach(book -> book.writing.unlock());
            }
        }
    }

    private void writeAll(List<Announced> taken) {
        List<Announced> written = new ArrayList<>();
        List<Addition> additions = new ArrayList<>();
        int[] ends = new int[taken.size()];
        for (Announced each : taken) {
            if (each.book().takes(each.batch(), each.now())) {
                additions.addAll(each.book().additions(each.batch(), each.lasting()));
                ends[written.size()] = additions.size();
                written.add(each);
            }
        }
        int[] refusals = netlink.add(additions);
        List<Announced> refused = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < written.size(); i++) {
            int refusal = 0;
            for (; from < ends[i]; from++) {
                refusal |= refusals[from];
            }
            Announced each = written.get(i);
            if (refusal == 0) {
                each.book().note(each.batch(), each.now(), each.lasting());
            } else {
                refused.add(each);
            }
        }
        // Last: the books know by now what another answer has of the same addresses.
        refused.forEach(each -> each.book().takeBack(each.batch(), each.now()));
    }
}
