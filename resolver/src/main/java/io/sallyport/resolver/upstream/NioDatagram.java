package io.sallyport.resolver.upstream;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** Where there is no epoll: a Netty channel. */
final class NioDatagram extends ChannelInboundHandlerAdapter implements Datagram {
    private final NioDatagramChannel channel;
    private final Receiver receiver;

    private NioDatagram(NioDatagramChannel channel, Receiver receiver) {
        this.channel = channel;
        this.receiver = receiver;
    }

    static NioDatagram open(EventLoop loop, InetSocketAddress remote, Receiver receiver) {
        NioDatagramChannel channel =
                new NioDatagramChannel(
                        remote.getAddress() instanceof Inet6Address
                                ? SocketProtocolFamily.INET6
                                : SocketProtocolFamily.INET);
        channel.config().setRecvByteBufAllocator(new FixedRecvByteBufAllocator(MAX_RECEIVED));
        NioDatagram datagram = new NioDatagram(channel, receiver);
        channel.pipeline().addLast(datagram);
        var _ = loop.register(channel);
        channel.connect(remote)
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        receiver.broken();
                    }
                });
        return datagram;
    }

    @Override
    public void send(byte[] octets) {
        var _ = channel.writeAndFlush(Unpooled.wrappedBuffer(octets), channel.voidPromise());
    }

    @Override
    public void close() {
        var _ = channel.close();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        DatagramPacket packet = (DatagramPacket) message;
        try {
            receiver.received(ByteBufUtil.getBytes(packet.content()));
        } finally {
            packet.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        receiver.broken();
    }
}
