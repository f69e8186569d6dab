package io.sallyport.resolver.policy;

import io.sallyport.resolver.policy.Policy.Deny;
import io.sallyport.resolver.policy.Policy.Entry;
import io.sallyport.resolver.policy.Policy.Reason;
import io.sallyport.resolver.policy.Policy.Subject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Entries that deny, and the verdict of each, made when first needed; racing threads make equal
 * ones.
 */
final class DenyList {
    private final Reason reason;
    private final EntryList entries;
    private final @Nullable Deny[] verdicts;

    DenyList(Reason reason, List<Entry> entries) {
        this.reason = reason;
        this.entries = SharedLists.of(entries);
        this.verdicts = new @Nullable Deny[this.entries.places()];
    }

    @Nullable Deny find(Subject name) {
        int place = entries.find(name);
        if (place == NameTable.MISS) {
            return null;
        }
        Deny verdict = verdicts[place];
        if (verdict == null) {
            verdict = new Deny(reason, entries.text(place), entries.source(place));
            verdicts[place] = verdict;
        }
        return verdict;
    }
}
