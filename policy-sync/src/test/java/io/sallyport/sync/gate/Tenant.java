package io.sallyport.sync.gate;

import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.client.NodeClient.Refused;
import io.sallyport.sync.gate.Asker.Question;
import io.sallyport.sync.world.Site;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/**
 * A pair of addresses on which sessions come and go: starts one, asks, sends to what it was
 * answered, knocks at what it was not, ends it, and starts the next, whatever the node goes
 * through.
 */
final class Tenant implements AutoCloseable {
    private static final String HONEST = "honest";
    private static final int NAMES = 8;
    private static final int PAUSE_MILLIS = 200;

    /** An orchestrator does not hammer at a node that is in trouble. */
    private static final int REFUSED_MILLIS = 1000;

    private static final int PORT = 443;

    /** What all tenants did. */
    record Deeds(
            AtomicInteger started,
            AtomicInteger ended,
            AtomicInteger refused,
            AtomicInteger knocks) {
        Deeds() {
            this(
                    new AtomicInteger(),
                    new AtomicInteger(),
                    new AtomicInteger(),
                    new AtomicInteger());
        }

        @Override
        public String toString() {
            return started
                    + " sessions started, "
                    + ended
                    + " ended, "
                    + refused
                    + " starts refused";
        }
    }

    private final Gate gate;
    private final Ledger ledger;
    private final Deeds deeds;
    private final Random random;
    private final String interfaceName;
    private final String address4;
    private final String address6;
    private final Asker load;
    private final List<DatagramSocket> sockets;
    private volatile boolean over;
    private String trouble = "";
    private volatile boolean cutOff;
    private String org = "red";
    private Optional<String> session = Optional.empty();
    private List<Site> sites = List.of();

    Tenant(
            Gate gate,
            Ledger ledger,
            Deeds deeds,
            long seed,
            Netns netns,
            String interfaceName,
            String address4,
            String address6) {
        this.gate = gate;
        this.ledger = ledger;
        this.deeds = deeds;
        this.random = new Random(seed);
        this.interfaceName = interfaceName;
        this.address4 = address4;
        this.address6 = address6;
        World world = gate.world();
        String asking = random.nextBoolean() ? address4 : address6;
        this.load = new Asker(address4, ledger, Asker.socket(world, netns, asking));
        this.sockets =
                List.of(Asker.socket(world, netns, address4), Asker.socket(world, netns, address6));
        ledger.home(address4, address4, address6);
    }

    /** Session after session; the last one is left as it is when it is over. */
    void live() {
        try {
            while (!over) {
                org = random.nextBoolean() ? "red" : "blue";
                sites = IntStream.range(0, NAMES).mapToObj(i -> site(org)).toList();
                while (!over && !start()) {
                    Thread.sleep(REFUSED_MILLIS);
                }
                for (int left = 5 + random.nextInt(40); !over && left > 0; left--) {
                    work();
                    pause();
                }
                while (!over && !end()) {
                    work();
                    pause();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void stop() {
        over = true;
    }

    String address4() {
        return address4;
    }

    Asker load() {
        return load;
    }

    /** The session that it believes to have. */
    synchronized Optional<String> session() {
        return session;
    }

    /** Told that the node has lost its session, for a reason that the test made. */
    synchronized void lose() {
        session = Optional.empty();
        cutOff = false;
        ledger.ended(address4);
    }

    /** A name that its session allows and that it has not asked for. */
    Question fresh() {
        return new Question(Site.of(org, Site.MANY), true);
    }

    /** Whether it has a session now. */
    boolean start() {
        try {
            JsonNode started =
                    gate.client()
                            .post(
                                    "/v1/sessions",
                                    Gate.place(interfaceName, address4, address6).put("org", org));
            began(started.path("id").asString());
        } catch (Refused e) {
            deeds.refused().incrementAndGet();
            trouble(e);
            adopt();
        } catch (IOException e) {
            trouble(e);
            cutOff = true;
            adopt();
        }
        return session().isPresent();
    }

    /** Asks what became of a call that was cut off last of all, when nothing goes on any more. */
    void settle() throws Refused, IOException {
        if (cutOff) {
            Optional<String> listed = listed();
            session().filter(id -> !listed.equals(Optional.of(id))).ifPresent(id -> lose());
            listed.ifPresent(this::began);
        }
    }

    /**
     * Nobody knows what became of a call that was cut off: the node's list does. One that was
     * refused has started nothing.
     */
    private void adopt() {
        if (!cutOff) {
            return;
        }
        try {
            listed().ifPresent(this::began);
        } catch (Refused | IOException e) {
            trouble(e); // the node is away: asked again later
        }
    }

    /** The session of its addresses, by the node's list. */
    private Optional<String> listed() throws Refused, IOException {
        for (JsonNode each : gate.client().get("/v1/networks").path("networks")) {
            if (each.has("session")
                    && each.path("addresses").toString().contains("\"" + address4 + "/32\"")) {
                return Optional.of(each.path("session").asString());
            }
        }
        return Optional.empty();
    }

    private synchronized void trouble(Exception e) {
        trouble += "%n%tT %s".formatted(System.currentTimeMillis(), e.getMessage());
    }

    /** What calls of it met since its session before. */
    synchronized String trouble() {
        return address4 + trouble;
    }

    private synchronized void began(String id) {
        session = Optional.of(id);
        trouble = "";
        cutOff = false;
        deeds.started().incrementAndGet();
    }

    /** Whether its session is surely over. */
    boolean end() {
        Optional<String> ending = session();
        if (ending.isEmpty()) {
            return true;
        }
        try {
            gate.client().delete("/v1/sessions/" + ending.get());
        } catch (Refused e) {
            if (!String.valueOf(e.getMessage()).contains("no session")) {
                return false;
            }
        } catch (IOException e) {
            cutOff = true;
            return false;
        }
        deeds.ended().incrementAndGet();
        lose();
        return true;
    }

    private void work() {
        Site known = sites.get(random.nextInt(NAMES));
        if (session().isPresent()) { // nobody answers where a session was lost
            load.ask(
                    random.nextInt(5) == 0
                            ? new Question(site(org.equals("red") ? "blue" : "red"), false)
                            : new Question(known, true));
        }
        send(known, HONEST);
        Site closed = site(random.nextInt(3) == 0 ? org : org.equals("red") ? "blue" : "red");
        if (!sites.contains(closed)) {
            send(closed, Ledger.ESCAPE);
            deeds.knocks().addAndGet(2);
        }
    }

    private void send(Site to, String text) {
        Knocks.send(sockets.get(0), new InetSocketAddress(to.address4(), PORT), text);
        Knocks.send(sockets.get(1), new InetSocketAddress(to.address6(), PORT), text);
    }

    private Site site(String of) {
        return Site.of(of, 1 + random.nextInt(Site.MANY - 1));
    }

    private void pause() throws InterruptedException {
        Thread.sleep(PAUSE_MILLIS / 2 + random.nextInt(PAUSE_MILLIS));
    }

    @Override
    public void close() {
        load.close();
        sockets.forEach(DatagramSocket::close);
    }
}
