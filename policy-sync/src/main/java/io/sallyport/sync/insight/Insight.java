package io.sallyport.sync.insight;

import io.sallyport.sync.decision.Decisions;
import io.sallyport.sync.decision.Decisions.Seen;
import io.sallyport.sync.decision.Decisions.Verdict;
import io.sallyport.sync.fleet.Fleet;
import io.sallyport.sync.impact.Impact;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.org.OrgStore.Version;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.proposal.Proposal;
import io.sallyport.sync.store.Database.Refusal;
import io.sallyport.sync.traffic.Traffic;
import io.sallyport.sync.traffic.Traffic.Asked;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads what nodes recorded of an org's sessions. */
public final class Insight {
    /** The most frequent ones; beyond them a list says no more. */
    private static final int MAX_NAMES = 10_000;

    private final OrgStore orgs;
    private final Decisions decisions;
    private final Fleet fleet;
    private final Presets presets;
    private final InstantSource clock;

    public Insight(
            OrgStore orgs, Decisions decisions, Fleet fleet, Presets presets, InstantSource clock) {
        this.orgs = orgs;
        this.decisions = decisions;
        this.fleet = fleet;
        this.presets = presets;
        this.clock = clock;
    }

    /**
     * What a change would have meant for the names of so many days.
     *
     * @param days at most {@link Decisions#DAYS_KEPT}
     */
    public Impact impact(String org, Impact.Edit edit, long days) throws IOException {
        List<Seen> names =
                decisions.names(org, since(days), MAX_NAMES).stream()
                        .map(Decisions.Judged::seen)
                        .toList();
        return Impact.of(org, edit, fleet.inForce(org), traffic(names), presets);
    }

    /**
     * The smallest list for what was asked for in so many days, as JSON has it; with it the version
     * of the settings that it is for.
     *
     * @param session empty for all of the org's
     * @param days at most {@link Decisions#DAYS_KEPT}
     */
    public Map<String, Object> proposal(String org, Optional<String> session, long days)
            throws IOException, Refusal {
        Version current = orgs.current(org);
        Instant since = since(days);
        Proposal proposal =
                Proposal.of(
                        org,
                        current.settings(),
                        fleet.inForce(org),
                        new Proposal.Seeking(
                                traffic(
                                        decisions.seen(
                                                org, Verdict.OBSERVED, session, since, MAX_NAMES)),
                                traffic(
                                        decisions.seen(
                                                org, Verdict.ALLOWED, session, since, MAX_NAMES))),
                        presets);
        Map<String, Object> document = new TreeMap<>(proposal.document());
        document.put("version", current.number());
        return document;
    }

    private Instant since(long days) {
        return clock.instant().minus(Duration.ofDays(days));
    }

    private static Traffic traffic(List<Seen> names) {
        return Traffic.of(
                names.stream()
                        .map(seen ->
                                new Asked(seen.name(), seen.count(), seen.first(), seen.last()))
                        .toList());
    }
}
