package io.sallyport.resolver.validate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class KeyAnswersTest {
    private static final int DNSKEY = 48;

    @Test
    void namesMadeToCollideDoNot() {
        KeyAnswers keys = new KeyAnswers((question, loop, then) -> {});
        List<String> labels = new ArrayList<>(List.of(""));
        for (int i = 0; i < 10; i++) { // 31 * 'a' + 'n' is 31 * 'c' + '0'
            labels =
                    labels.stream()
                            .flatMap(label -> List.of(label + "an", label + "c0").stream())
                            .toList();
        }
        Set<Integer> predictable = new HashSet<>();
        Set<Integer> keyed = new HashSet<>();
        for (String label : labels) {
            Question question = Packet.question(label + ".example", DNSKEY);
            predictable.add(question.name().hashCode());
            keyed.add(keys.key(question).hashCode());
        }

        assertThat(predictable).as("this many of 1024").hasSize(1);
        assertThat(keyed).hasSizeGreaterThan(1000);
    }
}
