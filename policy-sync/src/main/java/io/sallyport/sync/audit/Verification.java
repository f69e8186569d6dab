package io.sallyport.sync.audit;

import io.sallyport.sync.audit.AuditTrail.Row;
import io.sallyport.sync.audit.AuditTrail.Verdict;
import io.sallyport.sync.audit.Chain.Head;
import io.sallyport.sync.store.Database.Reads;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows the chain from its start to where it ended when this began. */
final class Verification {
    /** A row as the table has it. */
    private record Stored(long number, String org, long at, String document, String hash) {}

    /**
     * @param head what the last change left
     * @param newest the highest number there is
     */
    private record End(Head head, long newest) {}

    private final Reads reads;
    private final int page;
    private final String remembered;
    private boolean met;
    private Head seen = new Head(0, Chain.START);

    Verification(Reads reads, int page) {
        this(reads, page, Chain.START);
    }

    /**
     * @param remembered the hash that one of the rows must have, or what the first row follows
     */
    Verification(Reads reads, int page, String remembered) {
        this.reads = reads;
        this.page = page;
        this.remembered = remembered;
        this.met = remembered.equals(Chain.START);
    }

    Verdict run() throws IOException {
        End end = end();
        List<Stored> rows = rows(end.newest());
        while (!rows.isEmpty()) {
            for (Stored row : rows) {
                String wrong = wrong(row);
                if (wrong != null) {
                    return new Verdict.Broken(seen.number() + 1, wrong);
                }
                seen = new Head(row.number(), row.hash());
                met |= row.hash().equals(remembered);
            }
            rows = rows(end.newest());
        }
        return verdict(end.head());
    }

    private Verdict verdict(Head end) {
        if (!seen.equals(end)) {
            return new Verdict.Broken(
                    Math.min(seen.number(), end.number()) + 1,
                    "the trail ends at row "
                            + seen.number()
                            + ", but it once ended at row "
                            + end.number());
        }
        return met
                ? new Verdict.Intact(seen.number(), seen.hash())
                : new Verdict.Rewritten(
                        seen.number(),
                        "no row has the hash "
                                + remembered
                                + ", which was once the last: the end was cut off, or the trail was"
                                + " written anew");
    }

    /** One statement, so that the two sides belong together. */
    private End end() throws IOException {
        return reads
                .query(
                        row ->
                                new End(
                                        new Head(row.getLong("number"), row.getString("hash")),
                                        row.getLong("newest")),
                        """
                        SELECT number, hash, (SELECT COALESCE(MAX(number), 0) FROM audit) AS newest
                        FROM audit_head
                        """)
                .stream()
                .findFirst()
                .orElseThrow(() -> new IOException("the table audit_head is empty"));
    }

    private List<Stored> rows(long last) throws IOException {
        return reads.query(
                row ->
                        new Stored(
                                row.getLong("number"),
                                row.getString("org"),
                                row.getLong("at"),
                                row.getString("document"),
                                row.getString("hash")),
                """
                SELECT number, org, at, document, hash FROM audit
                WHERE number > ? AND number <= ? ORDER BY number LIMIT ?
                """,
                seen.number(),
                last,
                Chain.fitting(reads, Optional.empty(), seen.number(), page));
    }

    private @Nullable String wrong(Stored stored) {
        if (stored.number() != seen.number() + 1) {
            return "it is missing; the next one there is row " + stored.number();
        }
        if (!Chain.hash(seen.hash(), stored.document()).equals(stored.hash())) {
            return "its content or its hash is not what was written after row " + seen.number();
        }
        Row row;
        try {
            row = Chain.row(stored.document(), stored.hash());
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return "it cannot be read: " + e.getMessage();
        }
        boolean repeats =
                row.number() == stored.number()
                        && row.at().toEpochMilli() == stored.at()
                        && row.event().org().equals(Chain.org(stored.org()));
        return repeats ? null : "its columns do not say what its document says";
    }
}
