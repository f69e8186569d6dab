package io.sallyport.resolver.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.sallyport.resolver.address.Cidr;
import io.sallyport.resolver.name.WireName;
import io.sallyport.resolver.network.Networks.Binding;
import io.sallyport.resolver.network.Networks.DeniedName;
import io.sallyport.resolver.network.Networks.Network;
import io.sallyport.resolver.pin.Pinner;
import io.sallyport.resolver.policy.Policy;
import io.sallyport.resolver.policy.Policy.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NetworksTest {
    private final Networks networks = new Networks();

    private void put(String id, String... addresses) {
        networks.put(
                new Network(
                        id,
                        Arrays.stream(addresses).map(Cidr::parse).toList(),
                        Policy.PENDING,
                        Pinner.WITHOUT_FIREWALL));
    }

    private String find(String address) {
        Binding binding = networks.find(Cidr.address(address));
        return binding == null ? "stranger" : binding.network().id();
    }

    private Binding binding(String address) {
        return java.util.Objects.requireNonNull(networks.find(Cidr.address(address)), address);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.2, one",
        "::ffff:10.0.0.2, one",
        "10.0.0.3, stranger",
        "10.1.0.1, block",
        "10.1.255.255, block",
        "10.1.2.3, inner",
        "10.2.0.0, stranger",
        "fd00::2, one",
        "fd00::3, stranger",
        "fd01::1, block",
        "fd01:0:0:1::1, stranger",
        "::2, stranger",
        "0.0.0.2, stranger",
        "::10.0.0.2, stranger",
    })
    void findsTheLongestPrefix(String address, String network) {
        put("one", "10.0.0.2", "fd00::2");
        put("block", "10.1.0.0/16", "fd01::/64");
        put("inner", "10.1.2.3");

        assertThat(find(address)).isEqualTo(network);
    }

    @Test
    void allOfOneFamilyIsNotAllOfTheOther() {
        put("six", "::/0");

        assertThat(find("10.0.0.1")).isEqualTo("stranger");
        assertThat(find("::ffff:10.0.0.1")).isEqualTo("stranger");
        assertThat(find("2001:db8::1")).isEqualTo("six");
        put("four", "0.0.0.0/0");
        assertThat(find("10.0.0.1")).isEqualTo("four");
        assertThat(find("2001:db8::1")).isEqualTo("six");
    }

    @Test
    void agreesWithLookingAtEveryBlock() {
        Random random = new Random(7);
        List<Cidr> blocks = new ArrayList<>();
        for (int tries = 0; tries < 400; tries++) {
            int length = random.nextBoolean() ? 4 : 16;
            byte[] address = new byte[length];
            address[0] = (byte) (length == 4 ? 10 : 0xfd);
            address[1] = (byte) random.nextInt(64);
            int prefix = 8 + random.nextInt(9);
            Cidr block = new Cidr(masked(address, prefix), prefix);
            if (!blocks.contains(block)) {
                blocks.add(block);
                put("n" + blocks.size(), block.toString());
            }
        }
        for (int i = 0; i < 10_000; i++) {
            byte[] address = new byte[random.nextBoolean() ? 4 : 16];
            address[0] = (byte) (address.length == 4 ? 10 : 0xfd);
            address[1] = (byte) random.nextInt(64);
            int longest =
                    blocks.stream()
                            .filter(b -> b.contains(address))
                            .mapToInt(Cidr::prefix)
                            .max()
                            .orElse(-1);
            Binding found = networks.find(address);
            assertThat(found == null ? -1 : found.network().addresses().getFirst().prefix())
                    .isEqualTo(longest);
        }
    }

    private static byte[] masked(byte[] address, int prefix) {
        byte[] masked = address.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] &= (byte) (0xff00 >> Math.clamp(prefix - i * 8L, 0, 8));
        }
        return masked;
    }

    @Test
    void oneAddressBelongsToOneNetwork() {
        put("one", "10.0.0.2");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> put("two", "10.0.0.9", "10.0.0.2"))
                .withMessageContaining("10.0.0.2/32 belongs to network one");
        assertThat(find("10.0.0.9")).as("nothing of a refused network stays").isEqualTo("stranger");
        put("one", "10.0.0.3");
        put("two", "10.0.0.2");
        assertThat(find("10.0.0.2")).isEqualTo("two");
    }

    @Test
    void replacedAndRemovedBindingsKnowThatTheyEnded() {
        put("one", "10.0.0.2");
        Binding first = binding("10.0.0.2");
        put("one", "10.0.0.2");
        Binding second = binding("10.0.0.2");

        assertThat(first.ended()).isTrue();
        assertThat(second.ended()).isFalse();
        networks.remove("one");
        assertThat(second.ended()).isTrue();
        assertThat(find("10.0.0.2")).isEqualTo("stranger");
        networks.remove("one");
    }

    @Test
    void aThousandNetworksAreFoundAndForgotten() {
        for (int i = 0; i < 1000; i++) {
            put("n" + i, "10.9." + i / 250 + "." + i % 250, "fd09::" + Integer.toHexString(i + 1));
        }

        assertThat(find("10.9.3.249")).isEqualTo("n999");
        assertThat(find("fd09::1")).isEqualTo("n0");
        networks.remove("n999");
        assertThat(find("10.9.3.249")).isEqualTo("stranger");
        assertThat(find("10.9.3.248")).isEqualTo("n998");
    }

    private static void deny(Binding binding, String name, Reason reason, long now) {
        WireName wire = WireName.parse(name);
        Policy.Subject subject = new Policy.Subject();
        subject.prepare(wire.octets(), wire.length());
        binding.denied(wire.octets(), wire.length(), subject.hash(), reason, now);
    }

    @Test
    void deniedNamesAreCountedMostFrequentFirst() {
        put("one", "10.0.0.2");
        Binding binding = binding("10.0.0.2");
        deny(binding, "rare.example", Reason.NOT_ALLOWED, 100);
        for (int i = 0; i < 5; i++) {
            deny(binding, "often.example", Reason.EMERGENCY, 200 + i);
        }

        assertThat(networks.denied("one"))
                .containsExactly(
                        new DeniedName("often.example", Reason.EMERGENCY, 5, 200, 204),
                        new DeniedName("rare.example", Reason.NOT_ALLOWED, 1, 100, 100));
        assertThat(networks.denied("nobody")).isEmpty();
    }

    @Test
    void deniedNamesAreBoundedAndTheRestIsCounted() {
        put("one", "10.0.0.2");
        Binding binding = binding("10.0.0.2");
        for (int i = 0; i < 10_000; i++) {
            deny(binding, "x" + i + ".example", Reason.NOT_ALLOWED, 100 + i);
        }

        List<DeniedName> names = networks.denied("one");
        assertThat(names.size()).isBetween(200, NameLog.FIRST_SLOTS + NameLog.SLOTS + 1);
        assertThat(names.getLast().name()).isEqualTo("(other names)");
        assertThat(names.stream().mapToLong(DeniedName::count).sum()).isEqualTo(10_000);
        assertThat(names.getLast().lastSeen()).isEqualTo(10_099);
    }

    @Test
    void nameThatIsDeniedForTwoReasonsIsCountedForEach() {
        put("one", "10.0.0.2");
        Binding binding = binding("10.0.0.2");
        deny(binding, "x.example", Reason.NOT_ALLOWED, 100);
        deny(binding, "x.example", Reason.EMERGENCY, 101);
        deny(binding, "x.example", Reason.EMERGENCY, 102);

        assertThat(networks.denied("one"))
                .containsExactly(
                        new DeniedName("x.example", Reason.EMERGENCY, 2, 101, 102),
                        new DeniedName("x.example", Reason.NOT_ALLOWED, 1, 100, 100));
    }

    /** More names than the first places, fewer than all: what a loop adds another must not lose. */
    @Test
    void loopsThatCountTheSameNamesAtOnceLoseNone() throws InterruptedException {
        put("one", "10.0.0.2");
        Binding binding = binding("10.0.0.2");
        List<Thread> loops = new ArrayList<>();
        for (int loop = 0; loop < 4; loop++) {
            loops.add(
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int i = 0; i < 40_000; i++) {
                                    String name = "x" + i % 40 + ".example";
                                    deny(binding, name, Reason.NOT_ALLOWED, 100);
                                }
                            }));
        }
        for (Thread loop : loops) {
            loop.join();
        }

        assertThat(networks.denied("one"))
                .hasSize(40)
                .allSatisfy(name -> assertThat(name.count()).isEqualTo(4_000));
    }
}
