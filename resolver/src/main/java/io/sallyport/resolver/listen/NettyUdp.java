package io.sallyport.resolver.listen;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.reply.Reply;
import java.io.IOException;
import java.net.InetSocketAddress;

/** One UDP socket by means of the JDK: for development where there is no epoll. */
final class NettyUdp extends ChannelInboundHandlerAdapter implements UdpSocket {
    private static final int MAX_DATAGRAM = 4096;

    private final Journey journey;
    private final Channel channel;

    private NettyUdp(EventLoop loop, InetSocketAddress address, Journey journey)
            throws IOException {
        this.journey = journey;
        ChannelFuture binding =
                new Bootstrap()
                        .group(loop)
                        .channel(NioDatagramChannel.class)
                        .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                        .option(ChannelOption.SO_SNDBUF, SEND_BUFFER)
                        .option(
                                ChannelOption.WRITE_BUFFER_WATER_MARK,
                                new WriteBufferWaterMark(SEND_BUFFER / 2, SEND_BUFFER))
                        .option(
                                ChannelOption.RECVBUF_ALLOCATOR,
                                new FixedRecvByteBufAllocator(MAX_DATAGRAM))
                        .handler(this)
                        .bind(address)
                        .awaitUninterruptibly();
        if (!binding.isSuccess()) {
            throw new IOException(String.valueOf(binding.cause().getMessage()), binding.cause());
        }
        channel = binding.channel();
    }

    static NettyUdp bind(EventLoop loop, InetSocketAddress address, Journey journey)
            throws IOException {
        return new NettyUdp(loop, address, journey);
    }

    @Override
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        try {
            DatagramPacket packet = (DatagramPacket) message;
            journey.tick();
            journey.begin(packet.content(), new Sender(context.channel(), packet.sender()));
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        context.flush();
        journey.tock();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An unreachable client, by ICMP: its datagrams are lost and the socket goes on.
    }

    @Override
    public void rest(boolean empty) {
        channel.config().setAutoRead(false);
    }

    /** Not counted: this is for development, where nobody waits for a stop. */
    @Override
    public boolean isQuiet() {
        return true;
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }

    private record Sender(
            Channel channel, InetSocketAddress address, long addressHigh, long addressLow)
            implements Journey.Client {

        Sender(Channel channel, InetSocketAddress address) {
            this(channel, address, Halves.high(address), Halves.low(address));
        }

        @Override
        public boolean stream() {
            return false;
        }

        @Override
        @SuppressWarnings(
                "FutureReturnValueIgnored") // a datagram that cannot be sent is lost, as datagrams
        // are
        public void answer(Reply reply) {
            if (address.getPort() != 0 && channel.isWritable()) {
                ByteBuf octets =
                        channel.alloc()
                                .directBuffer(reply.length())
                                .writeBytes(reply.octets(), reply.from(), reply.length());
                channel.writeAndFlush(new DatagramPacket(octets, address), channel.voidPromise());
            }
        }

        @Override
        public void silence() {}

        @Override
        public Journey.Client kept() {
            return this;
        }
    }
}
