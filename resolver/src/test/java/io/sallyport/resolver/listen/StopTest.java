package io.sallyport.resolver.listen;

import static io.sallyport.resolver.packet.Packet.A;
import static io.sallyport.resolver.packet.Packet.headerOf;
import static io.sallyport.resolver.packet.Packet.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.unix.Socket;
import io.sallyport.resolver.budget.Budget.Limits;
import io.sallyport.resolver.packet.FakeLookup;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The last moments of a listener. */
@Timeout(60)
class StopTest {
    private static final String ANSWERED = "1234 8180 0001 0002 0000 0000";

    @Test
    void answersUnderWayAreToldBeforeTheSocketsClose() throws IOException {
        Service service = new Service(TcpLimits.DEFAULT, "127.0.0.1");
        service.lookup.delayMillis = 700;
        service.lookup.upstream.put("www.allowed.example/1", FakeLookup.addresses(2));
        byte[] question = query("www.allowed.example", A).octets();
        try (DatagramSocket datagrams = service.udp();
                java.net.Socket stream = service.tcp()) {
            Service.send(datagrams, question);
            stream.getOutputStream().write(query("www.allowed.example", A).framed());
            awaitAsked(service, 2);

            service.close();

            assertThat(headerOf(Service.receive(datagrams, 1000))).isEqualTo(ANSWERED);
            assertThat(headerOf(Service.read(stream))).isEqualTo(ANSWERED);
            assertThat(stream.getInputStream().read()).as("the end").isEqualTo(-1);
        }
    }

    @Test
    void portIsNobodyElsesThoughItsOwnSocketsShareIt() throws IOException {
        try (Service service = new Service(TcpLimits.DEFAULT, "127.0.0.1");
                DatagramChannel other = DatagramChannel.open()) {
            InetSocketAddress taken = service.listener.addresses().getFirst();

            assertThatThrownBy(() -> other.bind(taken)).isInstanceOf(BindException.class);
        }
    }

    @Test
    void portThatAnotherProcessSharesIsRefused() throws IOException {
        try (DatagramChannel other = DatagramChannel.open()) {
            other.setOption(StandardSocketOptions.SO_REUSEPORT, true);
            other.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            InetSocketAddress taken = (InetSocketAddress) other.getLocalAddress();

            assertThatThrownBy(() -> new Service(TcpLimits.DEFAULT, taken, Limits.NONE))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("port " + taken.getPort() + " (UDP)");
        }
    }

    @Test
    void everySocketIsHandedOn() throws IOException {
        try (Service service = new Service(TcpLimits.DEFAULT, "127.0.0.1")) {
            InetSocketAddress address = service.listener.addresses().getFirst();

            assertThat(service.listener.sockets())
                    .hasSize(3)
                    .allSatisfy(each -> {
                        assertThat(each.isAt(address)).isTrue();
                        assertThat(new Socket(each.descriptor()).getSoError()).isZero();
                    });
        }
    }

    private static void awaitAsked(Service service, int count) {
        while (service.lookup.asked.size() < count) {
            Thread.onSpinWait();
        }
    }
}
