package io.sallyport.resolver.lookup;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.answer.Answer;
import io.sallyport.resolver.check.Packet;
import io.sallyport.resolver.question.Question;
import org.junit.jupiter.api.Test;

/** Popular answers are asked for again before they end, within bounds. */
class RefreshTest {
    private final Scene scene = new Scene(true);

    @Test
    void popularNameIsAskedForOnceMoreWithTheSameQuestion() {
        popular(Scene.WWW);
        scene.pass(54_000);
        scene.query(Scene.WWW);
        scene.query(Scene.WWW);

        assertThat(scene.asked).hasSize(2);
        assertThat(scene.asked.get(1).question()).isEqualTo(Scene.WWW);
        assertThat(scene.counter("lookups_refreshes_total")).isEqualTo(1);
        assertThat(scene.counter("lookups_waiting")).isZero();

        Answer next = scene.address(60);
        scene.reply(1, next);
        scene.pass(10_000);
        scene.query(Scene.WWW);
        assertThat(scene.told).last().usingRecursiveComparison().isEqualTo(next);
        assertThat(scene.asked).hasSize(2);
        assertThat(scene.counter("lookups_in_flight")).isZero();
    }

    @Test
    void nameThatNobodyAsksForAgainIsNotAskedFor() {
        popular(Scene.WWW);
        scene.pass(600_000);

        assertThat(scene.asked).hasSize(1);
    }

    @Test
    void missWaitsForTheRefreshThatIsUnderWay() {
        popular(Scene.WWW);
        scene.pass(59_000);
        scene.query(Scene.WWW);
        scene.pass(1_500);
        int before = scene.told.size();
        scene.query(Scene.WWW);
        assertThat(scene.asked).hasSize(2);

        scene.reply(1, scene.address(60));
        assertThat(scene.told).hasSize(before + 1);
    }

    @Test
    void failedRefreshChangesNothing() {
        popular(Scene.WWW);
        scene.pass(54_000);
        scene.query(Scene.WWW);
        scene.reply(1, scene.failure());
        scene.query(Scene.WWW);

        assertThat(scene.told).noneMatch(Answer::isFailure).noneMatch(Answer::isStale);
        assertThat(scene.asked).hasSize(2);
        assertThat(scene.counter("lookups_in_flight")).isZero();
    }

    @Test
    void refreshesAreBoundedAtOnceAndASecond() {
        Refreshes refreshes = new Refreshes(0);
        int begun = 0;
        for (int i = 0; i < 1000; i++) {
            begun += refreshes.begin(0) ? 1 : 0;
        }
        assertThat(begun).isEqualTo(Refreshes.MAX_A_SECOND);
        for (long second = 1; second < 10; second++) {
            for (int i = 0; i < 1000; i++) {
                begun += refreshes.begin(second * 1_000_000_000L) ? 1 : 0;
            }
        }
        assertThat(begun).isEqualTo(Refreshes.MAX_AT_ONCE);
        refreshes.end();
        assertThat(refreshes.begin(20_000_000_000L)).isTrue();
        assertThat(refreshes.begin(20_000_000_000L)).isFalse();
    }

    @Test
    void manyPopularNamesEndingTogetherAreAskedForWithinTheBudget() {
        for (int i = 0; i < 500; i++) {
            popular(Packet.question("n" + i + ".example.com", 1));
        }
        scene.pass(55_000);
        for (int i = 0; i < 500; i++) {
            scene.query(Packet.question("n" + i + ".example.com", 1));
        }
        assertThat(scene.asked).hasSize(500 + Refreshes.MAX_A_SECOND);
    }

    private void popular(Question question) {
        int number = scene.asked.size();
        scene.query(question);
        scene.reply(number, scene.address(60));
        for (int i = 0; i < 5; i++) {
            scene.query(question);
        }
    }
}
