package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many queries there may be beyond one a question. */
class RetryBudgetTest {
    private final RetryBudget budget = new RetryBudget();

    @Test
    void savesUpForQuietTimesAndNoMore() {
        for (int i = 0; i < 1000; i++) {
            budget.earn();
        }
        assertThat(spendAll()).isEqualTo(RetryBudget.MOST_EXTRA);
    }

    @Test
    void everyEighthQuestionPaysForOneMore() {
        spendAll();
        int extra = 0;
        for (int i = 0; i < 800; i++) {
            budget.earn();
            extra += budget.spend() ? 1 : 0;
        }
        assertThat(extra).isEqualTo(100);
    }

    private int spendAll() {
        int spent = 0;
        while (budget.spend()) {
            spent++;
        }
        return spent;
    }
}
