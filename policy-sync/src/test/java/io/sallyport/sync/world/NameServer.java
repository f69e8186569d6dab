package io.sallyport.sync.world;

import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.Type;

/** A scripted name server on a port of its own, UDP and TCP. */
final class NameServer implements Closeable {

    /** What a server says; null is silence. */
    interface Script {
        byte @Nullable [] answer(Message query, boolean datagram) throws IOException;
    }

    private static final int LARGEST_QUERY = 4096;
    private static final int BACKLOG = 64;
    private static final long TTL = 300;
    private static final InetAddress ADDRESS4 = literal("93.184.216.250");
    private static final InetAddress ADDRESS6 = literal("2600:1f18:1::250");

    /** Longer than one try of a resolver, shorter than its whole budget. */
    private static final Duration SLOW = Duration.ofSeconds(3);

    private final DatagramSocket datagrams;
    private final ServerSocket streams;
    private final Script script;

    NameServer(int port, Script script) throws IOException {
        this.datagrams = new DatagramSocket(port);
        this.streams = new ServerSocket(port, BACKLOG);
        this.script = script;
        Thread.startVirtualThread(this::serveDatagrams);
        Thread.startVirtualThread(this::serveStreams);
    }

    /** Every name exists: the public resolver that a sandbox must not reach. */
    static byte[] anyName(Message query, boolean datagram) {
        Message answer = reply(query);
        answer.addRecord(record(query), Section.ANSWER);
        return answer.toWire();
    }

    /** An upstream that misbehaves as the first label of the name says, and is honest otherwise. */
    static byte @Nullable [] crooked(Message query, boolean datagram) throws IOException {
        Name name = query.getQuestion().getName();
        Message answer = reply(query);
        Record honest = record(query);
        switch (name.getLabelString(0).toLowerCase(Locale.ROOT)) {
            case "silent" -> {
                return null;
            }
            case "slow" -> {
                pause();
                answer.addRecord(honest, Section.ANSWER);
            }
            case "lame" -> answer.getHeader().setRcode(Rcode.REFUSED);
            case "servfail" -> answer.getHeader().setRcode(Rcode.SERVFAIL);
            case "broken" -> {
                return Arrays.copyOf(answer.toWire(), 13);
            }
            case "wrongid" -> {
                answer.addRecord(honest, Section.ANSWER);
                answer.getHeader().setID(query.getHeader().getID() ^ 1);
            }
            case "wrongname" -> {
                Message other = new Message(query.getHeader().getID());
                other.getHeader().setFlag(Flags.QR);
                other.addRecord(
                        query.getQuestion().withName(Name.fromString("other.example.com.")),
                        Section.QUESTION);
                other.addRecord(honest, Section.ANSWER);
                return other.toWire();
            }
            case "foreign" -> {
                answer.addRecord(honest, Section.ANSWER);
                Name victim = Name.fromString("victim.example.net.");
                answer.addRecord(
                        new ARecord(victim, DClass.IN, TTL, literal("93.184.216.251")),
                        Section.ANSWER);
                answer.addRecord(
                        new ARecord(victim, DClass.IN, TTL, literal("93.184.216.252")),
                        Section.ADDITIONAL);
            }
            case "truncated" -> {
                if (datagram) {
                    answer.getHeader().setFlag(Flags.TC);
                } else {
                    answer.addRecord(honest, Section.ANSWER);
                }
            }
            default -> answer.addRecord(honest, Section.ANSWER);
        }
        return answer.toWire();
    }

    @Override
    public void close() throws IOException {
        datagrams.close();
        streams.close();
    }

    private static Message reply(Message query) {
        Message answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        if (query.getHeader().getFlag(Flags.RD)) {
            answer.getHeader().setFlag(Flags.RD);
        }
        answer.addRecord(query.getQuestion(), Section.QUESTION);
        return answer;
    }

    private static Record record(Message query) {
        Name name = query.getQuestion().getName();
        return switch (query.getQuestion().getType()) {
            case Type.A -> new ARecord(name, DClass.IN, TTL, ADDRESS4);
            case Type.AAAA -> new AAAARecord(name, DClass.IN, TTL, ADDRESS6);
            default -> new TXTRecord(name, DClass.IN, TTL, "an open door");
        };
    }

    private void serveDatagrams() {
        byte[] buffer = new byte[LARGEST_QUERY];
        while (!datagrams.isClosed()) {
            try {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                datagrams.receive(packet);
                byte[] query = Arrays.copyOf(buffer, packet.getLength());
                var client = packet.getSocketAddress();
                Thread.startVirtualThread(() -> {
                    try {
                        byte[] answer = script.answer(new Message(query), true);
                        if (answer != null) {
                            datagrams.send(new DatagramPacket(answer, answer.length, client));
                        }
                    } catch (IOException e) {
                        // Not a query, or nobody waits any more: a name server shrugs.
                        return;
                    }
                });
            } catch (IOException e) {
                // Closed, or a client that is unreachable; the loop's condition tells.
            }
        }
    }

    private void serveStreams() {
        while (!streams.isClosed()) {
            try {
                Socket client = streams.accept();
                Thread.startVirtualThread(() -> serve(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (true) {
                byte[] answer =
                        script.answer(new Message(in.readNBytes(in.readUnsignedShort())), false);
                if (answer != null) {
                    byte[] framed = new byte[answer.length + 2];
                    framed[0] = (byte) (answer.length >> 8);
                    framed[1] = (byte) answer.length;
                    System.arraycopy(answer, 0, framed, 2, answer.length);
                    out.write(framed);
                }
            }
        } catch (IOException e) {
            // The client left.
            return;
        }
    }

    private static void pause() {
        try {
            Thread.sleep(SLOW);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static InetAddress literal(String address) {
        return InetAddress.ofLiteral(address);
    }
}
