package io.sallyport.resolver.querylog;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;

/**
 * dnstap messages: for each entry a CLIENT_QUERY and a CLIENT_RESPONSE. The query is made again of
 * what was understood of it, header and question; {@code extra} names the network. Field numbers
 * are those of dnstap.proto.
 */
final class Dnstap implements Format {
    private static final byte[] IDENTITY = "sallyport".getBytes(StandardCharsets.US_ASCII);

    private static final int CLIENT_QUERY = 5;
    private static final int CLIENT_RESPONSE = 6;

    @Override
    public byte[] beginning() {
        return FrameStream.start();
    }

    @Override
    public byte[] end() {
        return FrameStream.stop();
    }

    @Override
    public boolean continues() {
        return false;
    }

    @Override
    public void write(Entry entry, ByteArrayOutputStream out) {
        Instant answered = entry.at();
        Instant asked = entry.at().minusNanos(entry.nanos());
        byte[] query = query(entry);
        if (query.length > Entry.HEADER) {
            Protobuf message = message(entry, CLIENT_QUERY, asked).octets(10, query);
            frame(entry, message, out);
        }
        Protobuf message =
                message(entry, CLIENT_RESPONSE, asked)
                        .number(12, answered.getEpochSecond())
                        .fixed(13, answered.getNano());
        if (entry.isWhole()) {
            message.octets(14, entry.message());
        } else {
            message.octets(10, query);
        }
        frame(entry, message, out);
    }

    private static Protobuf message(Entry entry, int type, Instant asked) {
        return new Protobuf()
                .number(1, type)
                .number(2, entry.address().length == 4 ? 1 : 2)
                .number(3, entry.tcp() ? 2 : 1)
                .octets(4, entry.address())
                .number(8, asked.getEpochSecond())
                .fixed(9, asked.getNano());
    }

    private static void frame(Entry entry, Protobuf message, ByteArrayOutputStream out) {
        byte[] whole =
                new Protobuf()
                        .octets(1, IDENTITY)
                        .octets(3, entry.network().getBytes(StandardCharsets.UTF_8))
                        .octets(14, message.octets())
                        .number(15, 1)
                        .octets();
        out.writeBytes(ByteBuffer.allocate(4).putInt(whole.length).array());
        out.writeBytes(whole);
    }

    private static byte[] query(Entry entry) {
        int end = entry.questionEnd();
        byte[] query = Arrays.copyOf(entry.message(), end);
        ByteBuffer.wrap(query)
                .putShort(2, (short) entry.flags())
                .putShort(6, (short) 0)
                .putInt(8, 0);
        return query;
    }
}
