package io.sallyport.sync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.iptables.netns.Needs;
import io.sallyport.iptables.netns.Netns;
import io.sallyport.sync.gate.Asker.Counts;
import io.sallyport.sync.gate.Storm.Outage;
import io.sallyport.sync.gate.Tenant.Deeds;
import io.sallyport.sync.world.Sandbox;
import io.sallyport.sync.world.World;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Networks whose sessions start, ask and end while everything that can break on a host breaks. For
 * ten minutes: {@code -Dchaos.seconds=600 -Dchaos.networks=100}; the same again: {@code
 * -Dchaos.seed=…}.
 */
@Needs({"nsd", "tcpdump", "unshare", "curl", "faketime"})
class ChaosTest {
    private static final Duration LENGTH = Duration.ofSeconds(Long.getLong("chaos.seconds", 30));
    private static final long SEED = Long.getLong("chaos.seed", new Random().nextInt());
    private static final int NETWORKS = Integer.getInteger("chaos.networks", 30);
    private static final int CABLES = 5;

    private final Ledger ledger = new Ledger();
    private final Deeds deeds = new Deeds();
    private final List<Tenant> tenants = new ArrayList<>();
    private Path disk = Path.of(".");
    private Path clock = Path.of(".");
    private Gate gate;
    private Storm storm;

    @BeforeEach
    void open() throws IOException {
        disk = Files.createTempDirectory("sallyport-chaos");
        Netns.host("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()).ok();
        clock = Files.writeString(Files.createTempFile("sallyport-clock", ""), "+0\n");
        Path directory = Files.createDirectory(disk.resolve("gate"));
        List<String> options =
                List.of("--upstream", World.UPSTREAM4, "--upstream", World.UPSTREAM6);
        gate = Gate.at(directory, World.start(), options, clockOf(clock));
        for (String org : List.of("red", "blue")) {
            gate.admin("org", "create", org);
            gate.admin("org", "allow", org, "." + org + ".example.com");
        }
        storm = new Storm(gate, clock, disk.resolve("filler"), SEED, this::lose);
        for (int cable = 0; cable < CABLES; cable++) {
            Sandbox sandbox = gate.world().sandbox("sb" + cable);
            for (int i = 0; i < NETWORKS / CABLES; i++) {
                settle(sandbox, i + 8);
            }
        }
    }

    /** One more pair of addresses in a sandbox, for a network of its own. */
    private void settle(Sandbox sandbox, int number) {
        String four = sandbox.address4().replaceFirst("2$", "" + number);
        String six = sandbox.address6().replaceFirst("2$", Integer.toHexString(number));
        sandbox.netns().address("eth0", four + "/32").address("eth0", six + "/64");
        gate.world()
                .host()
                .run("ip", "route", "add", four + "/32", "dev", sandbox.interfaceName())
                .ok();
        tenants.add(
                new Tenant(
                        gate,
                        ledger,
                        deeds,
                        SEED + tenants.size(),
                        sandbox.netns(),
                        sandbox.interfaceName(),
                        four,
                        six));
    }

    private static Map<String, String> clockOf(Path file) {
        return Map.of(
                "LD_PRELOAD",
                Netns.host("faketime", "-f", "+0", "printenv", "LD_PRELOAD").ok().output().strip(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                "1",
                // Without this a Java machine waits for ever at its start.
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0",
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1");
    }

    private void lose(String address4) {
        tenants.stream().filter(each -> each.address4().equals(address4)).forEach(Tenant::lose);
    }

    @AfterEach
    void close() throws IOException {
        tenants.forEach(Tenant::close);
        try {
            gate.close();
        } finally {
            Netns.host("umount", disk.toString()).ok();
            Files.delete(disk);
            Files.delete(clock);
        }
    }

    @Test
    void whateverHappensNothingEscapesAndNothingIsLeft() throws Exception {
        System.out.printf("chaos: seed %d, %d s%n", SEED, LENGTH.toSeconds());
        List<Thread> lives =
                tenants.stream()
                        .map(each -> Thread.ofPlatform().name("tenant").start(each::live))
                        .toList();
        Gate.await("sessions have started", () -> deeds.started().get() >= tenants.size() / 2);
        long end = System.nanoTime() + LENGTH.toNanos();
        while (System.nanoTime() < end) {
            storm.strike();
        }
        tenants.forEach(Tenant::stop);
        for (Thread life : lives) {
            life.join();
        }
        Gate.await("the rules are as they should be", gate::ready);
        for (Tenant tenant : tenants) {
            tenant.settle();
        }

        nothingEscaped();
        allThatShouldLiveLives();
        journalAndKernelAgree();
        nothingIsLeftOfWhatEnds();
    }

    private void nothingEscaped() {
        var arrived = gate.world().arrived();
        System.out.println("chaos: " + storm.story());
        var escaped = ledger.unexplained(arrived);
        List<Counts> counts = tenants.stream().map(each -> each.load().settled()).toList();
        System.out.printf(
                "chaos: %d networks; faults %s; %s; asked %d, good %d, SERVFAIL %d, lost %d, wrong %d;"
                        + " packets %d, escaped %d of %d%n",
                tenants.size(),
                storm.counts(),
                deeds,
                counts.stream().mapToInt(Counts::asked).sum(),
                counts.stream().mapToInt(Counts::good).sum(),
                counts.stream().mapToInt(Counts::failed).sum(),
                counts.stream().mapToInt(Counts::lost).sum(),
                counts.stream().mapToInt(Counts::wrong).sum(),
                arrived.size(),
                escaped.size(),
                deeds.knocks().get());
        fewAreLost(counts.stream().mapToInt(Counts::asked).sum());
        assertThat(escaped).as("escaped").isEmpty();
        assertThat(counts).as("wrong answers").allMatch(each -> each.wrong() == 0);
        assertThat(arrived).as("what is allowed").anyMatch(each -> each.payload().equals("honest"));
    }

    /** What is lost was asked while no node was there, or nearly all of it. */
    private void fewAreLost(int asked) {
        List<Long> lost = tenants.stream().flatMap(each -> each.load().lostAt().stream()).toList();
        long otherwise =
                lost.stream()
                        .filter(at -> storm.outages().stream().noneMatch(each -> each.covers(at)))
                        .count();
        System.out.printf(
                "chaos: %d times no node for %.1f s in all, %.1f s at most; lost then %d, otherwise %d of %d%n",
                storm.outages().size(),
                storm.outages().stream().mapToDouble(Outage::seconds).sum(),
                storm.outages().stream().mapToDouble(Outage::seconds).max().orElse(0),
                lost.size() - otherwise,
                otherwise,
                asked);
        assertThat(otherwise).as("lost while a node was there").isLessThan(1 + asked / 50);
    }

    private void allThatShouldLiveLives() {
        Set<String> believed =
                tenants.stream()
                        .map(Tenant::session)
                        .flatMap(Optional::stream)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(gate.sessions())
                .as(
                        "sessions %s%n%s",
                        storm.story(), tenants.stream().map(Tenant::trouble).toList())
                .isEqualTo(believed)
                .isNotEmpty();
        Map<Tenant, Integer> before = new HashMap<>();
        for (Tenant tenant : tenants) {
            before.put(tenant, tenant.load().counts().good());
            tenant.load().ask(tenant.fresh());
        }
        before.forEach((tenant, good) -> {
            Counts counts = tenant.load().settled();
            assertThat(counts.good() - good)
                    .as("%s: %s", tenant.address4(), counts)
                    .isEqualTo(tenant.session().isPresent() ? 1 : 0);
        });
    }

    private void journalAndKernelAgree() throws IOException {
        Set<String> written = new TreeSet<>();
        for (Path entry : Storm.entries(gate)) {
            written.addAll(found("\"binding\":\"([a-z0-9]+)\"", Files.readString(entry)));
        }
        Set<String> there = bindingsInKernel();
        System.out.printf(
                "chaos: bindings in the journal %d, in the kernel %d%n",
                written.size(), there.size());
        assertThat(there).isEqualTo(written);
    }

    private void nothingIsLeftOfWhatEnds() {
        tenants.forEach(tenant -> Gate.await("it ends", tenant::end));
        Set<String> leaked = bindingsInKernel();
        System.out.printf("chaos: after all ends, of chains and sets %d leaked%n", leaked.size());
        assertThat(Storm.entries(gate)).isEmpty();
        assertThat(leaked).isEmpty();
    }

    /** By their sets and their chains. */
    private Set<String> bindingsInKernel() {
        Netns host = gate.world().host();
        Set<String> sets =
                found("(?m)^([a-z0-9]+)-[a-z]+[46]-sp", host.run("ipset", "list", "-n").output());
        Set<String> chains =
                found(
                        "(?m)^:SALLYPORT-[a-z0-9]+-[A-Z]([a-z0-9]+) ",
                        host.run("sh", "-c", "iptables-save; ip6tables-save").output());
        assertThat(sets).as("sets and chains are of the same bindings").isEqualTo(chains);
        return sets;
    }

    private static Set<String> found(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map((MatchResult each) -> each.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
