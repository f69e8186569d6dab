package io.sallyport.sync.emergency;

import io.sallyport.sync.emergency.Emergencies.Denial;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes denials in. What finds no room, or cannot be read, closes whom it concerns. */
final class Gathering {
    /** A log is read by people. */
    private static final int MOST_TOLD = 20;

    private final List<Denial> denied = new ArrayList<>();
    private final Set<String> closedOrgs = new HashSet<>();
    private final List<String> problems = new ArrayList<>();
    private boolean closed;
    private int over;
    private int untold;

    void add(Denial denial) {
        if (denied.size() < Emergencies.MOST) {
            denied.add(denial);
        } else {
            over++;
            close(denial.org());
        }
    }

    /**
     * @param org whose sessions are closed; null for all
     */
    void close(@Nullable String org, String problem) {
        if (problems.size() < MOST_TOLD) {
            problems.add(
                    problem + "; " + (org == null ? "every org" : "org " + org) + " is closed");
        } else {
            untold++;
        }
        close(org);
    }

    private void close(@Nullable String org) {
        if (org == null || closedOrgs.size() >= Emergencies.MOST) {
            closed = true;
        } else {
            closedOrgs.add(org);
        }
    }

    Emergencies list(long version) {
        if (over > 0) {
            problems.add(
                    over
                            + " denials are more than the "
                            + Emergencies.MOST
                            + " that a node holds; whom they concern is closed: every name is denied");
        }
        if (untold > 0) {
            problems.add("and " + untold + " more entries that cannot be read");
        }
        if (closed) {
            denied.addFirst(new Denial(Emergencies.EVERY_NAME, null));
        } else {
            closedOrgs.forEach(org -> denied.add(new Denial(Emergencies.EVERY_NAME, org)));
        }
        return new Emergencies(version, denied, problems);
    }
}
