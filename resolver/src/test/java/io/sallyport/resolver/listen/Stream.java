package io.sallyport.resolver.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.query.Query;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One client's TCP stream without a socket: octets in, in segments, and the octets that come back.
 */
final class Stream {
    private static final InetSocketAddress CLIENT =
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000);

    private final Desk desk = new Desk();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<ByteBuf> segments = new ArrayList<>();
    private final ByteArrayOutputStream replies = new ByteArrayOutputStream();

    private Stream() {
        channel.pipeline().addLast(desk.connection(channel, CLIENT));
        channel.pipeline().fireChannelActive();
    }

    /** What the stream is answered with, and whether it was cut for it. */
    record Outcome(List<byte[]> replies, boolean cut) {}

    static void assertCutsDoNotMatter(byte[] octets, List<Integer> cuts) {
        Outcome whole = new Stream().send(octets, List.of());
        Outcome pieces = new Stream().send(octets, cuts);
        List<byte[]> messages = messages(octets);

        assertThat(pieces.cut).isEqualTo(whole.cut);
        // A stream that is cut loses the replies that were not sent yet.
        int both = Math.min(pieces.replies.size(), whole.replies.size());
        assertThat(whole.cut || pieces.replies.size() == whole.replies.size()).isTrue();
        assertThat(pieces.replies.subList(0, both))
                .usingElementComparator(Arrays::compare)
                .containsExactlyElementsOf(whole.replies.subList(0, both));
        assertThat(whole.replies).hasSizeLessThanOrEqualTo(messages.size());
        for (int i = 0; i < whole.replies.size(); i++) {
            assertThat(Arrays.copyOf(whole.replies.get(i), 2))
                    .as("id of reply %d", i)
                    .isEqualTo(Arrays.copyOf(messages.get(i), 2));
        }
        assertThat(whole.cut || whole.replies.size() == messages.size())
                .as("every message is answered, or the stream is cut")
                .isTrue();
    }

    /** The messages of the stream up to the first length that no query has. */
    private static List<byte[]> messages(byte[] octets) {
        List<byte[]> messages = new ArrayList<>();
        int at = 0;
        while (at + 2 <= octets.length) {
            int length = (octets[at] & 0xff) << 8 | (octets[at + 1] & 0xff);
            if (length == 0 || length > Query.MAX_OCTETS || at + 2 + length > octets.length) {
                break;
            }
            messages.add(Arrays.copyOfRange(octets, at + 2, at + 2 + length));
            at += 2 + length;
        }
        return messages;
    }

    private Outcome send(byte[] octets, List<Integer> cuts) {
        int at = 0;
        for (int cut : cuts) {
            int end = Math.min(octets.length, at + cut);
            segment(octets, at, end);
            at = end;
        }
        segment(octets, at, octets.length);
        boolean cut = desk.counters.value(Count.TCP_CUT) > 0;
        assertThat(channel.isOpen()).isEqualTo(!cut);
        channel.finishAndReleaseAll();
        assertThat(segments)
                .as("segments are given back")
                .allMatch(segment -> segment.refCnt() == 0);
        assertThat(desk.counters.value(Count.DROPPED_FAULT)).as("faults").isZero();
        return new Outcome(messages(replies.toByteArray()), cut);
    }

    private void segment(byte[] octets, int from, int to) {
        if (from == to || !channel.isOpen()) {
            return;
        }
        ByteBuf segment = Unpooled.buffer(to - from).writeBytes(octets, from, to - from);
        segments.add(segment);
        channel.writeInbound(segment);
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            byte[] written = new byte[out.readableBytes()];
            out.readBytes(written);
            out.release();
            replies.writeBytes(written);
        }
    }
}
