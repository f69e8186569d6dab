package io.sallyport.resolver.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SipHashTest {
    private static final SipHash HASH = SipHash.of(counting(16));

    private static byte[] counting(int length) {
        byte[] octets = new byte[length];
        for (int i = 0; i < length; i++) {
            octets[i] = (byte) i;
        }
        return octets;
    }

    /** The vectors of the algorithm's authors: key 00…0f, input 00, 01, 02 and so on. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                     0, 726fdb47dd0e0e31
                     8, 93f5f5799a932462
                    15, a129ca6149be45e5
                    63, 958a324ceb064572
                    """)
    void sipHash24AgreesWithItsAuthors(int length, String expected) {
        assertThat(HASH.mac(counting(length), 0, length))
                .isEqualTo(Long.parseUnsignedLong(expected, 16));
    }

    @Test
    void whereTheOctetsLieMakesNoDifference() {
        byte[] shifted = new byte[70];
        System.arraycopy(counting(63), 0, shifted, 5, 63);

        assertThat(HASH.mac(shifted, 5, 63)).isEqualTo(0x958a324ceb064572L);
    }

    @Test
    void theTweakCounts() {
        byte[] octets = counting(20);

        assertThat(HASH.hash(octets, 1)).isNotEqualTo(HASH.hash(octets, 2));
    }

    @Test
    void aKeyHasSixteenOctets() {
        assertThatThrownBy(() -> SipHash.of(new byte[15]))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
