package io.sallyport.resolver.running;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.header;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.Section;

/** A client that floods, breaks, repeats and pipelines, and one that finds the firewall shut. */
class HostileClientTest {
    private static final String SECRET = "c2VjcmV0.attacker.net";

    private Running running;

    @BeforeEach
    void start() throws IOException {
        running = new Running(query -> query.reply(query.good()));
    }

    @AfterEach
    void stop() throws IOException {
        running.close();
    }

    /** C8: unbound CVE-2026-42944 and its like; bits flipped in sound queries. */
    @Test
    void broken20000QueriesHarmNobodyAndNoOtherNameGetsOut() throws IOException {
        Random random = new Random(20_261_121);
        byte[][] sound = {
            query("www.example.com", A).octets(),
            query(SECRET, A).octets(),
            header(0x0100, 1, 0, 0, 1)
                    .name("www.example.com")
                    .u16(A)
                    .u16(1)
                    .opt(1232, 0, 0, "000a00080011223344556677", "000b0000")
                    .octets()
        };
        try (DatagramSocket socket = running.udp(Running.CLIENT)) {
            for (int i = 0; i < 20_000; i++) {
                byte[] message = sound[random.nextInt(sound.length)].clone();
                for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                    message[2 + random.nextInt(message.length - 2)] ^=
                            (byte) (1 << random.nextInt(8));
                }
                socket.send(new DatagramPacket(message, message.length));
                if (i % 50 == 0) {
                    running.receive(Running.CLIENT, socket, 1000);
                }
            }
        }

        awaitQuiet();
        assertThat(running.ask(Running.CLIENT, query("after.example.com", A)).getRcode()).isZero();
        assertThat(running.asked()).isNotEmpty().allMatch(name -> name.endsWith("example.com."));
        assertThat(running.asked())
                .allMatch(name -> name.equals("example.com.") || name.endsWith(".example.com."));
    }

    /** A flood that still stands in the socket's buffer is no fault of the next question. */
    private void awaitQuiet() {
        long before;
        long now = -1;
        do {
            before = now;
            sleep(200);
            now = running.sum("sallyport_queries_total{proto=\"udp\"");
        } while (now != before);
    }

    /** C2: RebirthDay CVE-2025-5994, PowerDNS CVE-2025-30192. */
    @Test
    void hundredClientsOfOneColdNameAreOneUpstreamQuery() throws Exception {
        running.upstream.script(query -> {
            sleep(100);
            query.reply(query.good());
        });
        List<DatagramSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                DatagramSocket socket = running.udp(Running.CLIENT);
                sockets.add(socket);
                byte[] message = query("cold.example.com", A).octets();
                socket.send(new DatagramPacket(message, message.length));
            }
            for (DatagramSocket socket : sockets) {
                assertThat(running.receive(Running.CLIENT, socket, 5000)).isNotEmpty();
            }
        } finally {
            sockets.forEach(DatagramSocket::close);
        }
        assertThat(running.asked()).containsExactly("cold.example.com.");
    }

    /** B3: miss, hit, coalesced waiter, UDP and TCP; a pin belongs to one network. */
    @Test
    void everyAnswerOfEveryNetworkIsPinnedForThatNetworkFirst() throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> done = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String client = "127.0.1." + (i + 1);
                running.network(client, ".example.com");
                done.add(clients.submit(() -> askTwoHundredTimes(client)));
            }
            for (Future<Integer> client : done) {
                assertThat(client.get(60, TimeUnit.SECONDS)).isEqualTo(200);
            }
        }
        assertThat(running.asked().stream().distinct()).hasSize(20);
    }

    private int askTwoHundredTimes(String client) throws IOException {
        int answered = 0;
        for (int i = 0; i < 200; i++) {
            byte[] question = query("n" + i % 20 + ".example.com", A).octets();
            byte[] reply =
                    i % 10 == 0
                            ? running.askTcp(client, question)
                            : running.ask(client, question, 10_000);
            answered += new Message(reply).getSection(Section.ANSWER).size();
        }
        return answered;
    }

    /** B3, B7: a pin that fails, on the way of a miss and of a hit. */
    @Test
    void addressWhosePinFailsNeverLeaves() throws IOException {
        running.opens = false;
        assertThat(running.ask(Running.CLIENT, query("www.example.com", A)).getRcode())
                .isEqualTo(2);
        assertThat(running.ask(Running.CLIENT, query("www.example.com", A)).getRcode())
                .isEqualTo(2);
        byte[] tcp = running.askTcp(Running.CLIENT, query("www.example.com", A).octets());
        assertThat(new Message(tcp).getRcode()).isEqualTo(2);
        running.opens = true;
        assertThat(running.ask(Running.CLIENT, query("www.example.com", A)).getRcode()).isZero();
    }

    /** C14: PowerDNS CVE-2026-33259, unbound CVE-2026-44608; B5: in force at once. */
    @Test
    void policyThatChangesUnderLoadMixesNothing() throws Exception {
        String client = "127.0.2.1";
        running.network(client, "a.example.com");
        running.ask(Running.CLIENT, query("a.example.com", A));
        running.ask(Running.CLIENT, query("b.example.com", A));
        AtomicBoolean over = new AtomicBoolean();
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<Integer> load =
                    pool.submit(() -> {
                        int wrong = 0;
                        while (!over.get()) {
                            for (String name : new String[] {"a.example.com", "b.example.com"}) {
                                int rcode = running.ask(client, query(name, A)).getRcode();
                                wrong += rcode == 0 || rcode == 3 ? 0 : 1;
                            }
                        }
                        return wrong;
                    });
            for (int i = 0; i < 30; i++) {
                String allowed = i % 2 == 0 ? "b.example.com" : "a.example.com";
                String denied = i % 2 == 0 ? "a.example.com" : "b.example.com";
                running.network(client, allowed);
                assertThat(running.ask(client, query(denied, A)).getRcode()).isEqualTo(3);
                assertThat(running.ask(client, query(allowed, A)).getRcode()).isZero();
            }
            over.set(true);
            // An answer on its way when its binding is replaced is SERVFAIL: closed, and asked
            // again.
            assertThat(load.get(30, TimeUnit.SECONDS)).isLessThan(30);
        }
    }

    /** C13: dnsdist CVE-2026-40011 and CVE-2026-0396; names are no labels of metrics. */
    @Test
    void namesOfClientsDoNotShowInMetrics() throws IOException {
        var before = running.resolver.counters().keySet();
        String[] names = {"\"}\n# <script>", "{a=\"b\"}", "\u0000\\", "%s%n"};
        for (String name : names) {
            running.ask(
                    Running.CLIENT,
                    header(0x0100, 1, 0, 0, 0)
                            .label(name.getBytes(StandardCharsets.ISO_8859_1))
                            .name("attacker.net")
                            .u16(A)
                            .u16(1));
        }
        assertThat(running.resolver.counters().keySet()).isEqualTo(before);
    }

    /** C16: two servers that answer each other's errors; A1. */
    @Test
    void answersAndErrorsAreNeverAnswered() throws IOException {
        for (int rcode = 0; rcode < 16; rcode++) {
            byte[] message =
                    header(0x8180 | rcode, 1, 0, 0, 0)
                            .name("www.example.com")
                            .u16(A)
                            .u16(1)
                            .octets();
            assertThat(running.ask(Running.CLIENT, message, 30)).isEmpty();
        }
        byte[] answer = header(0x8180, 1, 0, 0, 0).name("www.example.com").u16(A).u16(1).octets();
        assertThat(running.askTcp(Running.CLIENT, answer)).as("closed").isEmpty();
        assertThat(running.askTcp(Running.CLIENT, new byte[11])).as("A2, closed").isEmpty();
        String dropped = "sallyport_dropped_total{reason=\"not_a_query\"}";
        for (int i = 0; i < 500 && running.counter(dropped) < 18; i++) {
            sleep(10);
        }
        assertThat(running.counter(dropped)).isEqualTo(18);
    }

    /** T1, T6, C7: dnsdist CVE-2025-30193; iteration and not recursion. */
    @Test
    void tenThousandPipelinedQuestionsAreABoundedPieceOfWork() throws IOException {
        byte[] question = query(SECRET, A).framed();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < 10_000; i++) {
            all.writeBytes(question);
        }
        int answered = 0;
        try (Socket flood = running.tcp(Running.CLIENT)) {
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            flood.getOutputStream().write(all.toByteArray());
                        } catch (IOException e) {
                            // cut, as it should be
                        }
                    });
            while (running.read(Running.CLIENT, flood).length > 0) {
                answered++;
            }
        }
        assertThat(answered).isBetween(1, 1000);
        assertThat(running.ask(Running.CLIENT, query(SECRET, A)).getRcode()).isEqualTo(3);
    }

    /** B9: what a search list with ndots:5 makes of one allowed name. */
    @Test
    void searchListOfAClusterCostsTheUpstreamNothing() throws IOException {
        String[] list = {"default.svc.cluster.local", "svc.cluster.local", "cluster.local"};
        for (String domain : list) {
            for (int type : new int[] {A, 28}) {
                Message denied =
                        running.ask(Running.CLIENT, query("www.example.com." + domain, type));
                assertThat(denied.getRcode()).isEqualTo(3);
            }
        }
        assertThat(running.ask(Running.CLIENT, query("www.example.com", A)).getRcode()).isZero();
        assertThat(running.asked()).containsExactly("www.example.com.");
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new IllegalStateException(String.format(Locale.ROOT, "%d ms", millis), e);
        }
    }
}
