package io.sallyport.sync.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.sync.audit.AuditTrail.Author;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class AuthorTest {
    @ParameterizedTest
    @ValueSource(strings = {"two\nlines", "tab\there", "\u001b[31mred", "\u202eright-to-left"})
    void aReasonIsOneHarmlessLine(String why) {
        assertThatThrownBy(() -> new Author("ann", why)).hasMessageStartingWith("why: ");
        assertThatThrownBy(() -> new Author(why, "")).hasMessageStartingWith("who: ");
    }

    @Test
    void aReasonIsBoundedAndAnAuthorHasAName() {
        assertThat(new Author("ann", "x".repeat(500)).why()).hasSize(500);
        assertThatThrownBy(() -> new Author("ann", "x".repeat(501)))
                .hasMessageContaining("at most 500");
        assertThatThrownBy(() -> new Author(" ", "")).hasMessageStartingWith("who: ");
    }
}
