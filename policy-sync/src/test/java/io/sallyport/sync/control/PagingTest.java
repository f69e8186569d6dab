package io.sallyport.sync.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

final class PagingTest {
    private final List<Integer> readAtOnce = new ArrayList<>();

    private JsonNode page(int there, int after, int limit, int chars) throws Exception {
        List<Integer> all = IntStream.rangeClosed(1, there).boxed().toList();
        Reply reply =
                Paging.<Integer>gathered(
                        limit,
                        (last, most) -> read(all, last == null ? after : last, most),
                        (one, next) -> Json.object().put("one", one).put("text", "x".repeat(chars)),
                        Integer::longValue);
        byte[] octets = ((Reply.Body.Whole) reply.body()).octets();
        return Json.read(new String(octets, StandardCharsets.UTF_8));
    }

    private List<Integer> read(List<Integer> all, int after, int most) {
        List<Integer> found = all.stream().filter(one -> one > after).limit(most).toList();
        readAtOnce.add(found.size());
        return found;
    }

    private static @Nullable Integer next(JsonNode page) {
        return page.path("next").isNull() ? null : page.path("next").intValue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "none",
            textBlock =
                    """
                    there | after | limit | items | next
                    0     | 0     | 100   | 0     | none
                    1     | 0     | 1     | 1     | none
                    2     | 0     | 1     | 1     | 1
                    10    | 0     | 100   | 10    | none
                    11    | 0     | 100   | 11    | none
                    25    | 0     | 20    | 20    | 20
                    25    | 20    | 20    | 5     | none
                    25    | 0     | 25    | 25    | none
                    """,
            useHeadersInDisplayName = true)
    void aPageHasWhatWasAskedFor(int there, int after, int limit, int items, @Nullable Integer next)
            throws Exception {
        JsonNode page = page(there, after, limit, 1);
        assertThat(page.path("items")).hasSize(items);
        assertThat(next(page)).isEqualTo(next);
        for (int i = 0; i < items; i++) {
            assertThat(page.path("items").path(i).path("one").intValue()).isEqualTo(after + i + 1);
        }
        assertThat(readAtOnce).allMatch(count -> count <= 11);
    }

    @Test
    void aPageOfLargeThingsEndsEarlyAndSaysWhereToGoOn() throws Exception {
        JsonNode page = page(30, 0, 30, 3 << 20);
        assertThat(page.path("items")).hasSize(3);
        assertThat(next(page)).isEqualTo(3);
    }
}
