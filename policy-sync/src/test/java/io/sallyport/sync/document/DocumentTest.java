package io.sallyport.sync.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DocumentTest {

    @Test
    void readsEveryKindOfValueAndNoMore() {
        Document.Fields fields =
                Document.yaml("a: text\nb: [1, two]\nc: {d: true, e: off}\n").fields();
        assertThat(fields.required("a").text()).isEqualTo("text");
        assertThat(fields.list("b", Document::textOrNumber)).containsExactly("1", "two");
        Document.Fields inside = fields.required("c").fields();
        assertThat(inside.required("d").flag()).isTrue();
        assertThat(inside.required("e").onOrOff()).isFalse();
        assertThat(fields.optional("absent")).isEmpty();
        inside.end();
        fields.end();
    }

    @Test
    void namesLineAndPathOfAnUnknownKeyAndTheKnownOnes() {
        Document.Fields fields =
                Document.yaml("orgs:\n  acme:\n    level: all\n    levle: none\n").fields();
        Document.Fields acme = fields.required("orgs").fields().required("acme").fields();
        acme.required("level");
        assertThatThrownBy(acme::end)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("line 4: orgs.acme.levle: ")
                .hasMessageEndingWith("known here: level");
    }

    @Test
    void putsThePlaceBeforeTheComplaintOfAReaderOnce() {
        Document document = Document.yaml("a:\n  b: 7\n");
        assertThatThrownBy(() ->
                        document.as(
                                d -> d,
                                d -> d.fields().required("a").fields().required("b").text()))
                .hasMessage("line 2: a.b: is a number, but must be text");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    a: 1\\na: 2                    | stands here twice
                    a: &x [1]\\nb: *x              | anchors
                    a: !!str 1                    | tags
                    a: *.example.com              | quotes
                    a: [1                         | cannot be read
                    a: 1.5                        | no place here
                    a: 99999999999999999999       | too large
                    ''                            | empty
                    --- {a: 1}\\n--- {b: 2}        | after the end
                    a: 'unfinished                | cannot be read
                    a: {b: 1, b: 2}               | stands here twice
                    """)
    void refusesYamlThatIsNotPlain(String text, String complaint) {
        assertThatThrownBy(() -> Document.yaml(text.replace("\\n", "\n")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    {"a":1,"a":2}      | stands here twice
                    {"a":1             | cannot be read
                    {"a":1} x          | cannot be read
                    {"a":1}{}          | after the end
                    {a:1}              | cannot be read
                    {"a":NaN}          | cannot be read
                    {"a":1.0}          | no place here
                    // c               | cannot be read
                    """)
    void refusesJsonThatIsNotStrict(String text, String complaint) {
        assertThatThrownBy(() -> Document.json(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(complaint);
    }

    @Test
    void refusesWhatIsTooDeepTooManyOrTooLong() {
        assertThatThrownBy(() -> Document.json("[".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Document.yaml("[".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Document.json("[" + "1,".repeat(Reading.MAX_VALUES) + "1]"))
                .hasMessageContaining("too many values");
        assertThatThrownBy(() -> Document.json(" ".repeat(Reading.MAX_CHARS + 1)))
                .hasMessageContaining("longer than");
    }

    @Test
    void readsNumbersWithinTheirBoundsOnly() {
        Document number = Document.json("7");
        assertThat(number.number(7, 7)).isEqualTo(7);
        assertThatThrownBy(() -> number.number(8, 9)).hasMessageContaining("8 to 9");
        assertThatThrownBy(() -> number.number(0, 6)).hasMessageContaining("0 to 6");
    }

    @Test
    void writesOneTextForAValue() {
        assertThat(
                        Document.canonical(
                                Map.of(
                                        "b",
                                        List.of(1, 2L, true),
                                        "a",
                                        Map.of(),
                                        "c",
                                        "q\"\\\n\u007f é")))
                .isEqualTo("{\"a\":{},\"b\":[1,2,true],\"c\":\"q\\\"\\\\\\u000a\\u007f é\"}");
    }

    @Test
    void readsBackWhatItWrites() {
        String text = "\u0000\"\\\t\u2028\ud800x";
        assertThat(Document.json(Document.canonical(List.of(text))).items().getFirst().text())
                .isEqualTo(text);
    }

    /** A place that is written out for each value would take 190,000 times 48,000 characters. */
    @Test
    void aLongKeyBeforeManyValuesTakesNoMoreThanTheDocument() {
        String key = "k".repeat(48_000);
        String text = "{\"" + key + "\": [0" + ",0".repeat(190_000) + "]}";
        List<Document> items =
                Document.json(text).fields().rest().values().iterator().next().items();
        assertThat(items).hasSize(190_001);
        assertThatThrownBy(items.getLast()::text)
                .hasMessage("k".repeat(80) + "…[190000]: is a number, but must be text");
    }
}
