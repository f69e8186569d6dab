package io.sallyport.resolver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** RFC 8767 §5: when the client's patience ends, and what becomes of the late answer. */
class ServeStaleTest {
    private final Scene scene = new Scene(true);

    /** An answer of 60 s that ended a second ago. */
    @BeforeEach
    void anAnswerHasEnded() {
        scene.query(Scene.WWW);
        scene.reply(0, scene.address(60));
        scene.told.clear();
        scene.pass(61_000);
    }

    @Test
    void upstreamsAreAskedFirst() {
        scene.query(Scene.WWW);
        scene.pass(1799);

        assertThat(scene.asked).hasSize(2);
        assertThat(scene.told).isEmpty();
    }

    @Test
    void staleAnswerIsToldAfterOnePointEightSeconds() {
        scene.query(Scene.WWW);
        scene.query(Scene.WWW);
        scene.pass(1800);

        assertThat(scene.told)
                .hasSize(2)
                .allSatisfy(answer -> {
                    assertThat(answer.extendedError()).isEqualTo(3);
                    assertThat(answer.ttl()).isEqualTo(30);
                    assertThat(answer.bornNanos()).isEqualTo(scene.now());
                    assertThat(answer.addresses()).hasDimensions(1, 4);
                });
        assertThat(scene.counter("lookups_waiting")).isZero();
        assertThat(scene.counter("lookups_in_flight")).as("the question still is").isEqualTo(1);
    }

    @Test
    void answerInTimeIsTheAnswer() {
        scene.query(Scene.WWW);
        scene.pass(1799);
        Answer fresh = scene.address(60);
        scene.reply(1, fresh);
        scene.pass(5000);

        assertThat(scene.told).containsExactly(fresh);
        assertThat(scene.counter("cache_stale_total")).isZero();
    }

    @Test
    void lateAnswerIsNotToldTwiceButRefreshesTheCache() {
        scene.query(Scene.WWW);
        scene.pass(1800);
        Answer late = scene.address(60);
        scene.reply(1, late);
        assertThat(scene.told).hasSize(1);

        scene.query(Scene.WWW);
        assertThat(scene.told).last().usingRecursiveComparison().isEqualTo(late);
        assertThat(scene.asked).hasSize(2);
        assertThat(scene.counter("lookups_in_flight")).isZero();
    }

    @Test
    void whoComesMeanwhileGetsTheStaleAnswerAtOnceAndAsksNobody() {
        scene.query(Scene.WWW);
        scene.pass(1800);
        scene.query(Scene.WWW);
        scene.pass(2000);
        scene.query(Scene.WWW);

        assertThat(scene.told).hasSize(3).allMatch(Answer::isStale);
        assertThat(scene.asked).hasSize(2);
    }

    @Test
    void failureTellsTheStaleAnswerWithoutWaiting() {
        scene.query(Scene.WWW);
        scene.pass(10);
        scene.reply(1, scene.failure());

        assertThat(scene.told).hasSize(1).allMatch(Answer::isStale);
        assertThat(scene.counter("lookups_in_flight")).isZero();
    }

    @Test
    void upstreamsAreAskedAgainAfterThirtySeconds() {
        scene.query(Scene.WWW);
        scene.reply(1, scene.failure());
        scene.pass(29_999);
        scene.query(Scene.WWW);
        assertThat(scene.asked).hasSize(2);

        scene.pass(1);
        scene.query(Scene.WWW);
        assertThat(scene.asked).hasSize(3);
        assertThat(scene.told).hasSize(2);
        scene.reply(2, scene.address(60));
        assertThat(scene.told).last().matches(answer -> !answer.isStale());
    }

    @Test
    void whatIsTooOldIsNotTold() {
        scene.pass(86_400_000);
        scene.query(Scene.WWW);
        scene.pass(1800);
        assertThat(scene.told).isEmpty();

        scene.reply(1, scene.failure());
        assertThat(scene.told).hasSize(1).allMatch(Answer::isFailure);
    }

    @Test
    void nothingIsStaleForAnotherQuestion() {
        scene.query(Packet.question("www.example.com", 28));
        scene.pass(1800);

        assertThat(scene.told).isEmpty();
    }

    @Test
    void nothingIsStaleWhereThatIsNotWanted() {
        Scene honest = new Scene(false);
        honest.query(Scene.WWW);
        honest.reply(0, honest.address(60));
        honest.pass(61_000);
        honest.query(Scene.WWW);
        honest.pass(1800);
        assertThat(honest.told).hasSize(1);

        honest.reply(1, honest.failure());
        assertThat(honest.told).last().matches(Answer::isFailure);
    }

    @Test
    void faultBehindTheLookupIsServfailAndStrandsNobodyWhoAsksNext() {
        Scene scene = new Scene(true);
        scene.fault = new IllegalStateException("a fault of ours");
        scene.query(Scene.WWW);
        assertThat(scene.told).hasSize(1).allMatch(Answer::isFailure);
        assertThat(scene.counter("lookups_in_flight")).isZero();
        assertThat(scene.counter("lookups_waiting")).isZero();

        scene.fault = null;
        scene.query(Scene.WWW);
        scene.reply(0, scene.address(60));
        assertThat(scene.told).hasSize(2);
        assertThat(scene.told.getLast().addresses()).hasDimensions(1, 4);
    }
}
