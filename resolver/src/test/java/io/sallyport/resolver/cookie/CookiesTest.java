package io.sallyport.resolver.cookie;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.cookie.Cookies.Standing;
import io.sallyport.resolver.hash.SipHash;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CookiesTest {
    private static final String OLD = "dd3bdf9344b678b185a6f5cb60fca715";
    private static final String NEW = "445536bcd2513298075a5d379663c962";
    private static final String USUAL = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    private static final long NOW = 1_559_731_985;
    private static final String CLIENT = "2464c4abcf10c957";
    private static final String ADDRESS = "198.51.100.100";

    private final byte[] scratch = new byte[Cookies.SCRATCH_OCTETS];

    private static Cookies cookies(long now, String... secrets) {
        Deque<String> left = new ArrayDeque<>(List.of(secrets));
        return new Cookies(() -> SipHash.of(HexFormat.of().parseHex(left.removeFirst())), now);
    }

    private Standing answer(Cookies cookies, byte[] octets, int length, String address, long now) {
        byte[] octet = InetAddress.ofLiteral(address).getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(octet);
        boolean four = octet.length == 4;
        return cookies.answer(
                octets,
                length,
                four ? 0 : buffer.getLong(),
                four ? 0xffff_0000_0000L | (buffer.getInt() & 0xffff_ffffL) : buffer.getLong(),
                now,
                scratch);
    }

    /** The answer to a client that has no cookie of ours. */
    private String make(Cookies cookies, String client, String address, long now) {
        byte[] octets = Arrays.copyOf(HexFormat.of().parseHex(client), Cookies.MAX_OCTETS);
        assertThat(answer(cookies, octets, 8, address, now)).isEqualTo(Standing.CLIENT_ONLY);
        return HexFormat.of().formatHex(octets, 0, Cookies.WHOLE_OCTETS);
    }

    /** Whatever a client sends, what it gets back is good. */
    private Standing check(Cookies cookies, String cookie, String address, long now) {
        byte[] given = HexFormat.of().parseHex(cookie);
        byte[] octets = Arrays.copyOf(given, Cookies.MAX_OCTETS);
        Standing standing = answer(cookies, octets, given.length, address, now);
        assertThat(Arrays.copyOf(octets, 8)).isEqualTo(Arrays.copyOf(given, 8));
        if (standing == Standing.GOOD) {
            assertThat(octets).startsWith(given);
        }
        assertThat(answer(cookies, octets, Cookies.WHOLE_OCTETS, address, now))
                .isEqualTo(Standing.GOOD);
        return standing;
    }

    /** RFC 9018 appendix A. */
    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    e5e973e5a6b2a43f48e7dc849e37bfcf, 2464c4abcf10c957, 198.51.100.100, 1559731985, 010000005cf79f111f8130c3eee29480
                    e5e973e5a6b2a43f48e7dc849e37bfcf, 2464c4abcf10c957, 198.51.100.100, 1559734385, 010000005cf7a871d4a564a1442aca77
                    e5e973e5a6b2a43f48e7dc849e37bfcf, fc93fc62807ddb86, 203.0.113.203, 1559734700, 010000005cf7a9acf73a7810aca2381e
                    445536bcd2513298075a5d379663c962, 22681ab97d52c298, 2001:db8:220:1:59de:d0f4:8769:82b8, 1559741961, 010000005cf7c609a6bb79d16625507a
                    """)
    void makesTheCookiesOfRfc9018(
            String secret, String client, String address, long now, String server) {
        assertThat(make(cookies(now, secret), client, address, now)).isEqualTo(client + server);
    }

    /** RFC 9018 §4.2: whatever stands in the reserved octets is hashed as it came. */
    @Test
    void acceptsReservedOctetsOfAnotherServerOfTheSameSecret() {
        assertThat(
                        check(
                                cookies(1_559_734_700, USUAL),
                                "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
                                "203.0.113.203",
                                1_559_728_300))
                .isIn(Standing.GOOD, Standing.AGEING);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                        0, GOOD
                     1800, GOOD
                     1801, AGEING
                     3600, AGEING
                     3601, BAD
                     -300, GOOD
                     -301, BAD
                    """)
    void aCookieIsWorthAnHourAndRenewedAfterHalf(long age, Standing standing) {
        Cookies cookies = cookies(NOW, USUAL);
        String cookie = make(cookies, CLIENT, ADDRESS, NOW);

        assertThat(check(cookies, cookie, ADDRESS, NOW + age)).isEqualTo(standing);
    }

    @Test
    void timestampsAreSerialNumbersAndPass2106() {
        long late = 0xffff_fff0L;
        Cookies cookies = cookies(late, USUAL);
        String cookie = make(cookies, CLIENT, ADDRESS, late);

        assertThat(check(cookies, cookie, ADDRESS, late + 100)).isEqualTo(Standing.GOOD);
    }

    @Test
    void anotherAddressClientSecretOrVersionMakesItBad() {
        Cookies cookies = cookies(NOW, USUAL);
        String cookie = make(cookies, CLIENT, ADDRESS, NOW);

        assertThat(check(cookies, cookie, "198.51.100.101", NOW)).isEqualTo(Standing.BAD);
        assertThat(check(cookies, cookie, "2001:db8::1", NOW)).isEqualTo(Standing.BAD);
        assertThat(check(cookies, "25" + cookie.substring(2), ADDRESS, NOW))
                .isEqualTo(Standing.BAD);
        assertThat(check(cookies(NOW, NEW), cookie, ADDRESS, NOW)).isEqualTo(Standing.BAD);
        assertThat(
                        check(
                                cookies,
                                cookie.substring(0, 16) + "02" + cookie.substring(18),
                                ADDRESS,
                                NOW))
                .isEqualTo(Standing.BAD);
        assertThat(check(cookies, cookie.substring(0, 46), ADDRESS, NOW)).isEqualTo(Standing.BAD);
        assertThat(check(cookies, cookie + "00", ADDRESS, NOW)).isEqualTo(Standing.BAD);
        assertThat(check(cookies, CLIENT, ADDRESS, NOW)).isEqualTo(Standing.CLIENT_ONLY);
    }

    @Test
    void theSecretRollsOverEachDayAndTheOneBeforeStillCounts() {
        Cookies cookies = cookies(NOW, OLD, NEW);
        long nextDay = NOW + 86_400;
        String before = make(cookies, CLIENT, ADDRESS, nextDay - 60);

        assertThat(make(cookies, CLIENT, ADDRESS, nextDay))
                .isEqualTo(make(cookies(nextDay, NEW), CLIENT, ADDRESS, nextDay));
        assertThat(check(cookies, before, ADDRESS, nextDay)).isEqualTo(Standing.GOOD);
        assertThat(check(cookies, before, ADDRESS, nextDay + 3600)).isEqualTo(Standing.BAD);
    }

    /** RFC 7873 §5.2.2: 8, or 16 to 40. */
    @Test
    void onlyTheLengthsOfRfc7873AreWellFormed() {
        for (int length = 0; length < 60; length++) {
            assertThat(Cookies.wellFormed(length))
                    .as("%d octets", length)
                    .isEqualTo(length == 8 || (length >= 16 && length <= 40));
        }
    }

    @Test
    void everyServerHasItsOwnSecret() {
        assertThat(
                        check(
                                new Cookies(NOW),
                                make(new Cookies(NOW), CLIENT, ADDRESS, NOW),
                                ADDRESS,
                                NOW))
                .isEqualTo(Standing.BAD);
    }
}
