package io.sallyport.resolver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import org.junit.jupiter.api.Test;

/** Full tables: whoever comes is told so at once, and what is known is told as ever. */
class OverloadTest {
    private final Scene scene = new Scene(true);

    @Test
    void fullTableAnswersAtOnceKeepsNothingAndLetsHitsThrough() {
        scene.query(Scene.WWW);
        Answer known = scene.address(60);
        scene.reply(0, known);
        for (int i = 0; i < Lookup.MAX_FLIGHTS; i++) {
            scene.query(Packet.question("n" + i + ".example.com", 1));
        }
        scene.told.clear();
        scene.query(Packet.question("late.example.com", 1));
        assertThat(scene.told)
                .singleElement()
                .matches(answer -> answer.isFailure() && answer.ttl() == Answer.NEVER_KEPT);

        scene.query(Scene.WWW);
        assertThat(scene.told).last().usingRecursiveComparison().isEqualTo(known);

        scene.reply(1, scene.failure());
        scene.query(Packet.question("late.example.com", 1));
        assertThat(scene.asked).as("the refusal was not kept").hasSize(Lookup.MAX_FLIGHTS + 2);
    }

    /** DNSBomb, CVE-2024-33655: what is held back and let go in one moment is bounded. */
    @Test
    void heldAnswerGoesToThoseWhoWaitOnceEachAndToNoMore() {
        for (int i = 0; i < Flight.MAX_WAITERS + 50; i++) {
            scene.query(Scene.WWW);
        }
        assertThat(scene.told).hasSize(50).allMatch(Answer::isFailure);
        scene.pass(4_000);
        scene.reply(0, scene.address(60));
        scene.pass(10_000);

        assertThat(scene.told).hasSize(Flight.MAX_WAITERS + 50);
        assertThat(scene.asked).hasSize(1);
        assertThat(scene.counter("lookups_waiting")).isZero();
    }

    @Test
    void comfortGivesWayBeforeNeed() {
        scene.query(Scene.WWW);
        scene.reply(0, scene.address(60));
        for (int i = 0; i < 5; i++) {
            scene.query(Scene.WWW);
        }
        for (int i = 0; i < Lookup.MAX_FLIGHTS / 2; i++) {
            scene.query(Packet.question("n" + i + ".example.com", 1));
        }
        scene.pass(55_000);
        int before = scene.asked.size();
        scene.query(Scene.WWW);

        assertThat(scene.asked).as("no refresh").hasSize(before);
    }
}
