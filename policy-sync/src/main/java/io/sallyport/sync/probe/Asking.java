package io.sallyport.sync.probe;

import io.sallyport.sync.probe.Probe.Result;
import io.sallyport.sync.probe.Way.Seen;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Asks name servers over UDP and TCP. */
final class Asking {
    static final int PORT = 53;

    private static final int MOST_LATE = 1000;
    private static final int LARGEST = 65_535;
    private static final SecureRandom RANDOM = new SecureRandom();

    private Asking() {}

    /** Asks all at once over UDP; open if one answer has records. */
    static Seen datagrams(
            InetSocketAddress server,
            List<byte[]> queries,
            Duration timeout,
            Function<Reply, Seen> judge)
            throws IOException {
        Set<String> reasons = new TreeSet<>();
        for (Optional<Reply> reply : exchange(server, queries, timeout)) {
            Seen seen = reply.map(judge).orElse(Seen.blocked("silence"));
            if (seen.result() == Result.OPEN) {
                return seen;
            }
            reasons.add(seen.happened());
        }
        return Seen.blocked(String.join("; ", reasons));
    }

    /** Asks over TCP; open if the answer has records. */
    static Seen stream(InetSocketAddress server, byte[] query, Duration timeout)
            throws IOException {
        int milliseconds = (int) timeout.toMillis();
        try (Socket socket = new Socket()) {
            socket.connect(server, milliseconds);
            socket.setSoTimeout(milliseconds);
            byte[] message = withId(query, RANDOM.nextInt());
            byte[] length = {(byte) (message.length >> 8), (byte) message.length};
            socket.getOutputStream().write(Question.join(length, message));
            DataInputStream in = new DataInputStream(socket.getInputStream());
            return Reply.parse(in.readNBytes(in.readUnsignedShort()))
                    .map(Reply::judge)
                    .orElse(Seen.blocked("an answer that makes no sense"));
        } catch (SocketTimeoutException e) {
            return Seen.blocked("silence");
        } catch (IOException e) {
            return Seen.blocked(Streams.reason(e));
        }
    }

    /** The answers in the order of the queries, empty where there is none that makes sense. */
    static List<Optional<Reply>> exchange(
            InetSocketAddress server, List<byte[]> queries, Duration timeout) throws IOException {
        int firstId = RANDOM.nextInt();
        List<Optional<Reply>> replies = new ArrayList<>();
        queries.forEach(query -> replies.add(Optional.empty()));
        Set<Integer> answered = new HashSet<>();
        long end = System.nanoTime() + timeout.toNanos();
        try (DatagramSocket socket = new DatagramSocket()) {
            // Connected: other senders' datagrams never come in.
            socket.connect(server);
            for (int i = 0; i < queries.size(); i++) {
                byte[] message = withId(queries.get(i), firstId + i);
                socket.send(new DatagramPacket(message, message.length));
            }
            byte[] buffer = new byte[LARGEST];
            // What has come by the end is taken, however late this looks, but not without an end.
            int late = 0;
            while (answered.size() < queries.size()
                    && (System.nanoTime() < end || late++ < MOST_LATE)) {
                socket.setSoTimeout((int) Math.max(1, (end - System.nanoTime()) / 1_000_000));
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                socket.receive(packet);
                byte[] message = Arrays.copyOf(buffer, packet.getLength());
                int index =
                        message.length < 2
                                ? -1
                                : (((message[0] << 8) | (message[1] & 0xff)) - firstId) & 0xffff;
                if (index >= 0 && index < queries.size() && answered.add(index)) {
                    replies.set(index, Reply.parse(message));
                }
            }
        } catch (SocketTimeoutException | PortUnreachableException e) {
            // What is not answered stays empty.
            return replies;
        }
        return replies;
    }

    private static byte[] withId(byte[] query, int id) {
        byte[] message = query.clone();
        message[0] = (byte) (id >> 8);
        message[1] = (byte) id;
        return message;
    }
}
