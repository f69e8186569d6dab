package io.sallyport.sync.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Addresses that an allowed name must not lead to. */
class ReservedTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.5, true",
        "172.31.255.1, true",
        "172.32.0.1, false",
        "169.254.169.254, true",
        "100.64.0.1, true",
        "0.0.0.0, true",
        "127.0.0.1, true",
        "224.0.0.251, true",
        "93.184.216.34, false",
        "::1, true",
        "::, true",
        "fd00:ec2::254, true",
        "fe80::1, true",
        "ff02::1, true",
        "2600:1f18:1::34, false",
        "::ffff:10.0.0.5, true",
        "::ffff:93.184.216.34, false",
        "64:ff9b::a00:5, true",
        "64:ff9b::5db8:d822, false",
        "2002:a00:5::1, true",
        "2002:5db8:d822::1, false"
    })
    void holdsWhatNoPublicNameHas(String address, boolean reserved) {
        assertThat(Reserved.holds(InetAddress.ofLiteral(address))).isEqualTo(reserved);
    }
}
