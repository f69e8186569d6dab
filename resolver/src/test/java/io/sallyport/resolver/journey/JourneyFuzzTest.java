package io.sallyport.resolver.journey;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;

/**
 * Any octets on the whole way. The first octet chooses who asks, over what, and whether the answer
 * is in the cache; the others are the message.
 */
class JourneyFuzzTest {
    private static final Hall HALL = new Hall();

    @FuzzTest
    void answersSoundlyOrNotAtAll(byte[] octets) throws Exception {
        if (octets.length > 0) {
            HALL.ask(octets[0], Arrays.copyOfRange(octets, 1, octets.length));
        }
    }
}
