package io.sallyport.resolver.filter;

import static org.assertj.core.api.Assertions.assertThat;

import io.sallyport.resolver.address.Cidr;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressFilterTest {

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    8.8.8.8              | permitted
                    9.255.255.255        | permitted
                    11.0.0.0             | permitted
                    100.63.255.255       | permitted
                    100.128.0.0          | permitted
                    126.255.255.255      | permitted
                    128.0.0.0            | permitted
                    168.63.129.15        | permitted
                    168.63.129.17        | permitted
                    169.253.255.255      | permitted
                    169.255.0.0          | permitted
                    172.15.255.255       | permitted
                    172.32.0.0           | permitted
                    192.0.1.0            | permitted
                    192.0.3.0            | permitted
                    192.88.98.255        | permitted
                    192.167.255.255      | permitted
                    192.169.0.0          | permitted
                    198.17.255.255       | permitted
                    198.20.0.0           | permitted
                    198.51.99.255        | permitted
                    198.51.101.0         | permitted
                    203.0.112.255        | permitted
                    203.0.114.0          | permitted
                    223.255.255.255      | permitted
                    0.0.0.0              | refused
                    0.255.255.255        | refused
                    10.0.0.0             | refused
                    10.255.255.255       | refused
                    100.64.0.0           | refused
                    100.127.255.255      | refused
                    127.0.0.0            | refused
                    127.255.255.255      | refused
                    168.63.129.16        | refused
                    169.254.0.0          | refused
                    169.254.169.254      | refused
                    169.254.255.255      | refused
                    172.16.0.0           | refused
                    172.31.255.255       | refused
                    192.0.0.0            | refused
                    192.0.0.192          | refused
                    192.0.2.255          | refused
                    192.88.99.1          | refused
                    192.168.0.0          | refused
                    192.168.255.255      | refused
                    198.18.0.0           | refused
                    198.19.255.255       | refused
                    198.51.100.7         | refused
                    203.0.113.7          | refused
                    224.0.0.0            | refused
                    239.255.255.255      | refused
                    240.0.0.0            | refused
                    255.255.255.255      | refused
                    2606:4700::1111      | permitted
                    2001:200::1          | permitted
                    2001:4860:4860::8888 | permitted
                    2001:db7:ffff::1     | permitted
                    2001:db9::1          | permitted
                    2620:4f:8000::1      | permitted
                    3ffe:ffff::1         | permitted
                    2a00::1              | permitted
                    64:ff9b::808:808     | permitted
                    2002:808:808::1      | permitted
                    ::                   | refused
                    ::1                  | refused
                    ::8.8.8.8            | refused
                    ::10.0.0.1           | refused
                    ::ffff:8.8.8.8       | refused
                    ::ffff:10.0.0.1      | refused
                    ::ffff:169.254.169.254     | refused
                    ::ffff:0:10.0.0.1          | refused
                    64:ff9b::10.0.0.1          | refused
                    64:ff9b::127.0.0.1         | refused
                    64:ff9b::169.254.169.254   | refused
                    64:ff9b:0:1::8.8.8.8       | refused
                    64:ff9b:1::8.8.8.8         | refused
                    64:ff9b:1:fffe::10.0.0.1   | refused
                    100::1               | refused
                    2001::1              | refused
                    2001:0:808:808::1    | refused
                    2001:2::1            | refused
                    2001:10::1           | refused
                    2001:1ff:ffff::1     | refused
                    2001:db8::1          | refused
                    2002:a00:1::1        | refused
                    2002:7f00:1::1       | refused
                    2002:a9fe:a9fe::1    | refused
                    2002:c0a8:101::1     | refused
                    3fff::1              | refused
                    3fff:fff:ffff::1     | refused
                    4000::1              | refused
                    5f00::1              | refused
                    1fff:ffff::1         | refused
                    fc00::1              | refused
                    fd00:ec2::254        | refused
                    fe80::1              | refused
                    febf:ffff::1         | refused
                    fec0::1              | refused
                    ff02::1              | refused
                    ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff | refused
                    """)
    void judgesAddressOfPublicName(String address, String verdict) {
        assertThat(AddressFilter.PUBLIC.permits(octets(address)))
                .isEqualTo(verdict.equals("permitted"));
    }

    @ParameterizedTest(name = "{0} with {1} {2}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    10.1.2.3         | 10.0.0.0/8      | permitted
                    10.1.2.3         | 10.1.2.0/24     | permitted
                    10.1.3.3         | 10.1.2.0/24     | refused
                    172.16.0.1       | 10.0.0.0/8      | refused
                    100.64.0.1       | 100.64.0.0/10   | permitted
                    100.100.100.200  | 100.64.0.0/10   | refused
                    198.18.0.1       | 198.18.0.0/15   | permitted
                    8.8.8.8          | 10.0.0.0/8      | permitted
                    127.0.0.1        | 127.0.0.0/8     | refused
                    127.0.0.1        | 0.0.0.0/0       | refused
                    0.0.0.0          | 0.0.0.0/0       | refused
                    169.254.169.254  | 0.0.0.0/0       | refused
                    169.254.169.254  | 169.254.169.254 | refused
                    169.254.1.1      | 169.254.0.0/16  | refused
                    168.63.129.16    | 168.63.129.16   | refused
                    224.0.0.1        | 224.0.0.0/4     | refused
                    255.255.255.255  | 240.0.0.0/4     | refused
                    fd12::1          | fd00::/8        | permitted
                    fd12::1          | fd13::/16       | refused
                    fd00:ec2::254    | fd00::/8        | refused
                    fd00:ec2::254    | fd00:ec2::254   | refused
                    fd00:42::42      | fd00::/8        | refused
                    fd00:c1::a9fe:a9fe | fd00::/8      | refused
                    fd00:53::53      | fd00::/8        | refused
                    fd20:ce::254     | fd00::/8        | refused
                    ::1              | ::/0            | refused
                    ::ffff:10.0.0.1  | ::/0            | refused
                    ::ffff:10.0.0.1  | 10.0.0.0/8      | refused
                    64:ff9b::a00:1   | ::/0            | refused
                    64:ff9b:1::a00:1 | 64:ff9b:1::/48  | refused
                    2002:a00:1::1    | ::/0            | refused
                    fe80::1          | fe80::/10       | refused
                    ff02::1          | ff00::/8        | refused
                    """)
    void judgesAddressOfInternalName(String address, String block, String verdict) {
        AddressFilter filter =
                new AddressFilter(List.of(Cidr.parse("10.99.0.0/16"), Cidr.parse(block)));
        assertThat(filter.permits(octets(address))).isEqualTo(verdict.equals("permitted"));
    }

    @Test
    void refusesWhatIsNoAddress() {
        assertThat(AddressFilter.PUBLIC.permits(new byte[0])).isFalse();
        assertThat(AddressFilter.PUBLIC.permits(new byte[5])).isFalse();
    }

    /** Java folds mapped literals to four octets; an answer does not. */
    private static byte[] octets(String literal) {
        byte[] octets = Cidr.address(literal);
        if (octets.length == 4 && literal.indexOf(':') >= 0) {
            byte[] mapped = new byte[16];
            Arrays.fill(mapped, 10, 12, (byte) 0xff);
            System.arraycopy(octets, 0, mapped, 12, 4);
            return mapped;
        }
        return octets;
    }
}
