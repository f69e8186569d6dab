package io.sallyport.resolver.listen;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Any stream of octets in segments of any length: the same replies as in one segment, in step with
 * the messages that another reader finds in the stream (RFC 7766 §8). The first octet says how many
 * of the next ones are lengths of segments; the rest is the stream.
 */
class FramingFuzzTest {

    @FuzzTest
    void segmentsDoNotMatter(byte[] octets) {
        if (octets.length == 0) {
            return;
        }
        int cuts = Math.min(octets[0] & 0x3f, octets.length - 1);
        List<Integer> lengths = new ArrayList<>();
        for (int i = 1; i <= cuts; i++) {
            lengths.add(1 + (octets[i] & 0xff));
        }
        Stream.assertCutsDoNotMatter(Arrays.copyOfRange(octets, 1 + cuts, octets.length), lengths);
    }
}
