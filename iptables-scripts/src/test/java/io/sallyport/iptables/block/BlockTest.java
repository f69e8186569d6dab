package io.sallyport.iptables.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    10.0.0.0/8              | 10.0.0.0/8
                    192.0.2.1               | 192.0.2.1/32
                    255.255.255.255/32      | 255.255.255.255/32
                    ::                      | ::/128
                    ::1                     | ::1/128
                    2001:DB8:0:0:1::1       | 2001:db8::1:0:0:1/128
                    2001:db8:0:1:0:0:0:1    | 2001:db8:0:1::1/128
                    ::ffff:0.0.0.0/96       | ::ffff:0.0.0.0/96
                    ::ffff:192.0.2.1        | ::ffff:192.0.2.1/128
                    fd00:ec2::254           | fd00:ec2::254/128
                    fe80::/10               | fe80::/10
                    1:2:3:4:5:6:7:8         | 1:2:3:4:5:6:7:8/128
                    """)
    void printsAsIptablesSaveDoes(String text, String printed) {
        assertThat(Block.parse(text)).hasToString(printed);
        assertThat(Block.parse(printed)).isEqualTo(Block.parse(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1/8",
                "fd00::1/64",
                "10.0.0.0/33",
                "::/129",
                "10.0.0.0/-1",
                "host",
                "1.2.3",
                "",
                "a:b"
            })
    void refusesWhatIsNoBlock(String text) {
        assertThatThrownBy(() -> Block.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    127.0.0.1          | never
                    169.254.169.254    | never
                    100.100.100.200    | never
                    168.63.129.16      | never
                    224.0.0.1          | never
                    255.255.255.255    | never
                    0.0.0.0            | never
                    ::1                | never
                    ::ffff:9.9.9.9     | never
                    64:ff9b::909:909   | never
                    2002:909:909::1    | never
                    2001::1            | never
                    fe80::1            | never
                    ff02::1            | never
                    fd00:ec2::254      | never
                    fd20:ce::254       | never
                    fd00:42::42        | never
                    10.1.2.3           | private
                    172.31.255.255     | private
                    192.168.0.1        | private
                    100.64.0.1         | private
                    198.19.0.1         | private
                    203.0.113.9        | private
                    fd12::1            | private
                    2001:db8::1        | private
                    4000::1            | private
                    9.9.9.9            | public
                    172.32.0.1         | public
                    100.128.0.1        | public
                    2a00::1            | public
                    2001:4860::8888    | public
                    """)
    void knowsWhatIsNeverPrivateOrPublic(String text, String expected) {
        Block address = Block.parse(text);
        boolean never =
                Block.never(address.six()).stream().anyMatch(block -> block.contains(address));
        String kind = never ? "never" : address.reserved() ? "private" : "public";
        assertThat(kind).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.255.0.0/16, true", "10.0.0.0/8, 11.0.0.0/8, false",
                "0.0.0.0/0, 1.2.3.4/32, true",
        "fd00::/63, fd00:0:0:1::/64, true", "fd00::/64, fd00:0:0:1::/64, false",
                "::/0, 1.2.3.4/32, false",
        "fd00::/100, fd00::fff:ffff/128, true", "fd00::/100, fd00::1000:0/128, false"
    })
    void containsByPrefix(String outer, String inner, boolean contains) {
        assertThat(Block.parse(outer).contains(Block.parse(inner))).isEqualTo(contains);
    }
}
