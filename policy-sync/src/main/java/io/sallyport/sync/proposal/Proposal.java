package io.sallyport.sync.proposal;

import io.sallyport.resolver.policy.Policy;
import io.sallyport.sync.preset.Presets;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.settings.Settings.Change;
import io.sallyport.sync.settings.Settings.Risk;
import io.sallyport.sync.traffic.Traffic;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What to change so that new sessions get the names that were asked for.
 *
 * @param items the parts: a level first, then custom domains, the most asked for first
 * @param allowed names that were asked for and that the settings allow already
 * @param leftOut names that it does not open, the most asked for first
 * @param changes to be applied as one; empty where nothing is to be changed
 * @param settings after those changes
 * @param risks of those changes, to be confirmed by who applies them
 */
public record Proposal(
        List<Item> items,
        List<Seen> allowed,
        List<LeftOut> leftOut,
        List<Change> changes,
        Settings settings,
        List<Risk> risks) {

    /** What one part is. */
    public enum Kind {
        /** Another level. */
        LEVEL,
        /** A custom domain that covers one name. */
        NAME,
        /** A custom domain that covers names that were not seen as well. */
        WILDCARD;

        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One part.
     *
     * @param value the level or the pattern
     * @param names what it is for, the most asked for first; empty for a level that is only
     *     narrower than the one in force
     * @param notes what to know before applying it, as sentences
     */
    public record Item(Kind kind, String value, List<Seen> names, List<String> notes) {
        public Item {
            names = List.copyOf(names);
            notes = List.copyOf(notes);
        }

        public long count() {
            return names.stream().mapToLong(Seen::count).sum();
        }

        /** Whether a name among them lies where anyone may publish. */
        public boolean userContent() {
            return names.stream().anyMatch(Seen::userContent);
        }
    }

    /**
     * A name that was asked for.
     *
     * @param userContent anyone may publish there
     */
    public record Seen(String name, long count, Instant first, Instant last, boolean userContent) {}

    /** Why a name is left out. */
    public enum Reason {
        /** On the org's deny list. */
        DENIED_DOMAIN("the deny list has it, and deny wins; take it from there if it is needed"),
        /** By which the policy could be walked around. */
        PUBLIC_RESOLVER("it is a public DNS resolver, by which the policy could be walked around"),
        EMERGENCY("it is denied in an emergency; lift that first if it is needed"),
        INTERNET_OFF("internet access is off; a list changes nothing until it is turned on"),
        SPECIAL_NAME(
                "it is a name for private or special use, which no public name server has; for one of"
                        + " your own, set an internal domain"),
        SUFFIX("it is a suffix under which others register names, not a host"),
        NO_HOST_NAME("it is not the name of a host"),
        NOT_RECORDED(
                "more names were asked for than a session records; run it again with this list to see"
                        + " the rest"),
        LIST_FULL("the list of custom domains is full");

        private final String sentence;

        Reason(String sentence) {
            this.sentence = sentence;
        }

        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public String sentence() {
            return sentence;
        }
    }

    /** A name that the proposal does not open. */
    public record LeftOut(String name, long count, Instant first, Instant last, Reason reason) {}

    public Proposal {
        items = List.copyOf(items);
        allowed = List.copyOf(allowed);
        leftOut = List.copyOf(leftOut);
        changes = List.copyOf(changes);
        risks = List.copyOf(risks);
    }

    /**
     * What sessions asked for.
     *
     * @param observed what the policy would have denied
     * @param answered what was allowed: as far as the settings in force still allow it, it stays
     *     allowed if the level is another one; level all opens names by itself, so that nothing of
     *     it is ever observed and this is all there is to go by
     */
    public record Seeking(Traffic observed, Traffic answered) {}

    /**
     * Proposes for names that sessions asked for and should get.
     *
     * @param emergency what is denied beyond the settings; nothing of it is proposed
     */
    public static Proposal of(
            String org,
            Settings current,
            List<Policy.Entry> emergency,
            Seeking seeking,
            Presets presets) {
        return new Draft(org, current, emergency, presets)
                .proposal(seeking.observed(), seeking.answered());
    }

    /** As JSON has it: nested maps, lists, strings, numbers and booleans. */
    public Map<String, Object> document() {
        Map<String, Object> document = new TreeMap<>();
        document.put("items", items.stream().map(Proposal::document).toList());
        document.put("allowed", allowed.stream().map(Proposal::document).toList());
        document.put("left-out", leftOut.stream().map(Proposal::document).toList());
        document.put("changed", !changes.isEmpty());
        document.put("settings", settings.document());
        document.put("risks", risks.stream().map(Risk::document).toList());
        return document;
    }

    private static Map<String, Object> document(Item item) {
        return Map.of(
                "kind", item.kind().text(),
                "value", item.value(),
                "count", item.count(),
                "user-content", item.userContent(),
                "names", item.names().stream().map(Proposal::document).toList(),
                "notes", item.notes());
    }

    private static Map<String, Object> document(Seen seen) {
        return Map.of(
                "name", seen.name(),
                "count", seen.count(),
                "first", seen.first().toString(),
                "last", seen.last().toString(),
                "user-content", seen.userContent());
    }

    private static Map<String, Object> document(LeftOut left) {
        return Map.of(
                "name", left.name(),
                "count", left.count(),
                "first", left.first().toString(),
                "last", left.last().toString(),
                "reason", left.reason().text(),
                "text", left.reason().sentence());
    }
}
