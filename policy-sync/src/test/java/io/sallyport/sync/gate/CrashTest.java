package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.client.NodeClient;
import io.sallyport.sync.journal.Journal;
import io.sallyport.sync.journal.Journal.Entry;
import io.sallyport.sync.world.Sandbox;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** A node that is killed between two steps of a start or an end, and the retry after it. */
@Needs({"nsd", "dig", "curl", "tcpdump", "unshare"})
class CrashTest {
    private static final String WWW = "93.184.216.35";
    private static final int SECURE_SHELL = 22;

    private Gate gate;

    @BeforeEach
    void open() {
        gate = Gate.up();
        gate.admin("org", "create", "acme");
        gate.admin("org", "set", "acme", "--level", "none");
        gate.admin("org", "allow", "acme", ".example.com");
    }

    @AfterEach
    void close() {
        gate.close();
    }

    private ObjectNode body(Sandbox sandbox, String id) {
        return Gate.place(sandbox).put("org", "acme").put("id", id);
    }

    private JsonNode start(Sandbox sandbox, String id) throws IOException, NodeClient.Refused {
        return gate.client().post("/v1/sessions", body(sandbox, id));
    }

    private Entry entry(Sandbox sandbox) throws IOException {
        return Journal.open(gate.data().resolve("journal")).read().entries().stream()
                .filter(entry -> entry.interfaceName().equals(sandbox.interfaceName()))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Journal and kernel as each step leaves them: what is written into the one is what a run
     * before wrote, what is in the other is what the killed node left there.
     */
    @Test
    void eachStepOfAStartAndOfAnEndIsCarriedOnAfterACrash() throws Exception {
        Sandbox model = gate.world().sandbox("sb0");
        Sandbox journaled = gate.world().sandbox("sb1");
        Sandbox pool = gate.world().sandbox("sb2");
        Sandbox pooled = gate.world().sandbox("sb3");
        Sandbox single = gate.world().sandbox("sb4");
        Sandbox ending = gate.world().sandbox("sb5");
        Sandbox endingPool = gate.world().sandbox("sb6");
        JsonNode bound = start(model, "run-model");
        gate.client().post("/v1/networks", Gate.place(pool).put("id", "pool-2"));
        gate.client().post("/v1/networks", Gate.place(pooled).put("id", "pool-3"));
        Entry pending = entry(pooled);
        gate.client().post("/v1/networks", Gate.place(endingPool).put("id", "pool-6"));
        start(pooled, "run-3");
        start(single, "run-4");
        start(ending, "run-5");
        start(endingPool, "run-6");
        Entry dropped = entry(single);
        for (Sandbox sandbox : List.of(pooled, single, ending)) {
            dig(sandbox);
        }
        try (Socket ofPooled = connect(pooled);
                Socket ofSingle = connect(single);
                Socket ofEnding = connect(ending)) {
            gate.kill();
            Journal journal = Journal.open(gate.data().resolve("journal"));
            journal.write(in(entry(model), "n-crash1", journaled, false, "crash1", "run-1"));
            journal.write(in(entry(model), "pool-2", pool, true, "crash2", "run-2"));
            journal.write(
                    new Entry(
                            "pool-3",
                            pending.interfaceName(),
                            pending.addresses(),
                            true,
                            "crash3",
                            null));
            journal.delete(dropped.network());
            for (String ended : List.of("run-3", "run-4", "run-5", "run-6")) {
                journal.end("session " + ended);
            }
            gate.restart();

            assertThat(start(model, "run-model")).as("of the killed node").isEqualTo(bound);
            assertThat(start(journaled, "run-1").path("state").asString()).isEqualTo("bound");
            assertThat(start(pool, "run-2").at("/network/id").asString()).isEqualTo("pool-2");
            assertThat(gate.client().get("/v1/sessions").path("sessions")).hasSize(3);
            for (Sandbox sandbox : List.of(model, journaled, pool)) {
                assertThat(dig(sandbox)).contains("status: NOERROR");
            }
            assertThat(gate.client().delete("/v1/sessions/run-3")).isEmpty();
            assertThat(gate.client().delete("/v1/sessions/run-4")).isEmpty();
            assertThat(dig(pooled)).contains("EDE: 14 (Not Ready)");
            assertThat(dig(endingPool)).contains("EDE: 14 (Not Ready)");
            for (Sandbox sandbox : List.of(single, ending)) {
                assertThat(dig(sandbox)).doesNotContain("status: NOERROR");
            }
            for (String ended : List.of("run-3", "run-4", "run-5", "run-6")) {
                assertThatThrownBy(() -> start(single, ended))
                        .as("a start that comes after a crash and the end before it")
                        .hasMessageContaining(ended + " was told to end");
            }
            gate.world().forget();
            assertThat(echoes(ofPooled)).as("a flow of what had ended").isFalse();
            assertThat(echoes(ofSingle)).as("a flow of what had ended").isFalse();
            assertThat(echoes(ofEnding)).as("a flow of what was ending").isFalse();
            assertThat(gate.world().escaped()).isEmpty();
            assertThat(bindingsInKernel()).isEqualTo(bindingsInJournal());
        }
    }

    /** Somebody's set of the same name and another kind is in the way of one of them. */
    @Test
    void networkThatTheKernelRefusesAtARestartTakesNoAnswerFromTheOthers() throws Exception {
        Sandbox refused = gate.world().sandbox("sb0");
        // The journal is read by name: the others have their pins when its turn comes.
        gate.client().post("/v1/networks", Gate.place(refused).put("id", "z-last"));
        gate.start(refused, "acme");
        List<Sandbox> others = new ArrayList<>();
        for (int i = 1; i < 7; i++) {
            others.add(gate.sandbox("sb" + i, "acme"));
        }
        String set = pinSet(entry(refused).binding());
        gate.kill();
        gate.loseRules();
        Sandbox unusable = gate.world().sandbox("sb7");
        journal().write(new Entry("a-first", "sb7", List.of("no address"), true, "unusable", null));
        assertThat(reachesTheInternet(unusable)).as("nobody guards it").isTrue();
        host("until ipset destroy " + set + "; do sleep 0.1; done");
        host("ipset create " + set + " hash:ip,port");
        host("iptables -A FORWARD -m set --match-set " + set + " dst,dst -j DROP");

        gate.restart();

        assertThat(reachesTheInternet(unusable)).as("its entry is no network").isFalse();
        assertThat(dig(refused)).doesNotContain("status: NOERROR");
        for (Sandbox other : others) {
            assertThat(dig(other)).contains("status: NOERROR");
            assertThat(reachesTheInternet(other)).isTrue();
        }
        host("iptables -D FORWARD -m set --match-set " + set + " dst,dst -j DROP");
        // The node may come first, and has a set of that name then.
        host(
                "while ipset list -t %1$s | grep -q 'hash:ip,port'; do ipset destroy %1$s || sleep 0.1; done"
                        .formatted(set));
        Gate.await("it is tried again", () -> dig(refused).contains("status: NOERROR"));
    }

    /** Somebody flushed all, and the node was killed before it saw that. */
    @Test
    void firstRulesOfAStartCloseWhatTheJournalKnows() throws Exception {
        for (int i = 0; i < 12; i++) {
            gate.sandbox("sb" + i, "acme");
        }
        gate.kill();
        gate.loseRules();
        Path seen = Files.createTempFile("sallyport-seen", ".txt");
        Path enough = seen.resolveSibling(seen.getFileName() + ".enough");
        Process watch =
                gate.world()
                        .asHost(
                                "sh",
                                "-c",
                                "until test -e %s; do echo \f$(iptables-save -t raw); done >%s"
                                        .formatted(enough, seen))
                        .start();

        gate.restart();

        Files.createFile(enough); // what it has begun to write it ends
        assertThat(watch.waitFor(60, TimeUnit.SECONDS)).isTrue();
        Files.delete(enough);
        List<String> written =
                Pattern.compile("\f")
                        .splitAsStream(Files.readString(seen))
                        .filter(rules -> rules.contains("-A PREROUTING "))
                        .toList();
        Files.delete(seen);
        assertThat(written).isNotEmpty();
        for (int i = 0; i < 12; i++) {
            String interfaceName = "-i sb" + i + " ";
            assertThat(written).allMatch(rules -> rules.contains(interfaceName));
        }
    }

    private static boolean reachesTheInternet(Sandbox sandbox) {
        return sandbox.run("curl", "-sS", "-m", "3", "http://" + WWW + "/")
                .output()
                .startsWith("internet for ");
    }

    private Journal journal() throws IOException {
        return Journal.open(gate.data().resolve("journal"));
    }

    private String pinSet(String binding) {
        return host("ipset list -n")
                .lines()
                .filter(set -> set.startsWith(binding + "-pin4-"))
                .findFirst()
                .orElseThrow();
    }

    private String host(String script) {
        return gate.world().host().run("sh", "-c", script).ok().output();
    }

    private static Entry in(
            Entry model, String network, Sandbox at, boolean kept, String binding, String session) {
        Journal.Bound like = Objects.requireNonNull(model.session());
        return new Entry(
                network,
                at.interfaceName(),
                List.of(at.address4() + "/32", at.address6() + "/128"),
                kept,
                binding,
                new Journal.Bound(
                        session,
                        like.org(),
                        like.agent(),
                        like.started(),
                        like.mode(),
                        like.lease(),
                        like.digest(),
                        like.snapshot()));
    }

    /** Killed at any moment, again and again, while eight networks come and go. */
    @Test
    void whatWasConfirmedHoldsHoweverOftenTheNodeIsKilled() throws Exception {
        int networks = 8;
        int kills = Integer.getInteger("sallyport.crash.kills", 1);
        List<Sandbox> sandboxes = new ArrayList<>();
        for (int i = 0; i < networks; i++) {
            sandboxes.add(gate.world().sandbox("sb" + i));
        }
        for (int round = 0; round < kills; round++) {
            Told told = new Told();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < networks; i++) {
                    Sandbox sandbox = sandboxes.get(i);
                    String name = "r" + round + "-" + i + "-";
                    var _ = threads.submit(() -> comeAndGo(sandbox, name, told));
                }
                Gate.await("they come and go", () -> told.ended().size() > networks);
                gate.kill();
            }
            gate.restart();

            Set<String> running = new TreeSet<>();
            gate.client()
                    .get("/v1/sessions")
                    .path("sessions")
                    .forEach(session -> running.add(session.path("id").asString()));
            assertThat(running).as("confirmed, and no end asked for").containsAll(told.started());
            assertThat(running)
                    .as("its end is confirmed")
                    .doesNotContainAnyElementsOf(told.ended());
            assertThat(told.asked()).as("nobody asked for others").containsAll(running);
            for (String id : told.ended()) {
                assertThatThrownBy(() -> start(sandboxes.getFirst(), id))
                        .as("an id is used once")
                        .hasMessageContaining(id + " was told to end");
            }
            assertThat(bindingsInKernel()).isEqualTo(bindingsInJournal());
            for (String id : told.asked()) {
                gate.client().delete("/v1/sessions/" + id);
            }
            assertThat(bindingsInJournal()).isEmpty();
            assertThat(bindingsInKernel()).isEmpty();
        }
    }

    /**
     * What a caller knows.
     *
     * @param started confirmed, and their end not asked for
     * @param ended confirmed
     */
    private record Told(Set<String> asked, Set<String> started, Set<String> ended) {
        Told() {
            this(
                    ConcurrentHashMap.newKeySet(),
                    ConcurrentHashMap.newKeySet(),
                    ConcurrentHashMap.newKeySet());
        }
    }

    private void comeAndGo(Sandbox sandbox, String name, Told told) {
        try {
            for (int i = 0; ; i++) {
                String id = name + i;
                told.asked().add(id);
                start(sandbox, id);
                told.started().add(id);
                gate.client().get("/v1/sessions/" + id);
                told.started().remove(id);
                gate.client().delete("/v1/sessions/" + id);
                told.ended().add(id);
            }
        } catch (IOException | NodeClient.Refused e) {
            return; // the node is dead
        }
    }

    private Set<String> bindingsInJournal() throws IOException {
        Set<String> bindings = new TreeSet<>();
        Journal.open(gate.data().resolve("journal"))
                .read()
                .entries()
                .forEach(entry -> bindings.add(entry.binding()));
        return bindings;
    }

    /** Sets are named after the bindings that they belong to. */
    private Set<String> bindingsInKernel() {
        Set<String> bindings = new TreeSet<>();
        gate.world()
                .host()
                .run("ipset", "list", "-n")
                .ok()
                .output()
                .lines()
                .filter(set -> set.contains("-"))
                .forEach(set -> bindings.add(set.substring(0, set.indexOf('-'))));
        return bindings;
    }

    private Socket connect(Sandbox sandbox) {
        return gate.world()
                .inside(
                        sandbox.netns(),
                        () -> {
                            Socket socket = new Socket();
                            socket.connect(new InetSocketAddress(WWW, SECURE_SHELL), 3000);
                            socket.setSoTimeout(2000);
                            socket.getInputStream().readNBytes("SSH-2.0-pretend\r\n".length());
                            return socket;
                        });
    }

    private static boolean echoes(Socket flow) {
        try {
            flow.getOutputStream().write("anyone?".getBytes(StandardCharsets.US_ASCII));
            return flow.getInputStream().readNBytes(7).length == 7;
        } catch (IOException e) {
            return false;
        }
    }

    private static String dig(Sandbox sandbox) {
        return sandbox.run("dig", "www.example.com", "+tries=1", "+time=2").output();
    }
}
