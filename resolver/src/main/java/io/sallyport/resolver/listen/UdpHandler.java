package io.sallyport.resolver.listen;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import io.netty.util.ReferenceCountUtil;
import io.sallyport.resolver.journey.Journey;
import java.net.InetSocketAddress;

/**
 * One UDP socket on one event loop: a batch of datagrams comes in by one system call, and the
 * answers that are there at once go out by one.
 */
final class UdpHandler extends ChannelInboundHandlerAdapter implements Journey.Client {
    private final Journey journey;
    private final Channel channel;
    private boolean inBatch;

    UdpHandler(Channel channel, Journey journey) {
        this.channel = channel;
        this.journey = journey;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!inBatch) {
            inBatch = true;
            journey.tick();
        }
        try {
            DatagramPacket packet = (DatagramPacket) message;
            journey.begin(packet.content(), packet.sender(), false, this);
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        inBatch = false;
        context.flush();
    }

    @Override
    @SuppressWarnings(
            "FutureReturnValueIgnored") // a datagram that cannot be sent is lost, as datagrams are
    public void answer(ByteBuf reply, InetSocketAddress to) {
        if (to.getPort() == 0 || !channel.isWritable()) {
            // Nobody listens on port 0; and a full send queue is no reason to keep answers in
            // memory.
            reply.release();
            return;
        }
        DatagramPacket packet = new DatagramPacket(reply, to);
        if (inBatch) {
            channel.write(packet, channel.voidPromise());
        } else {
            channel.writeAndFlush(packet, channel.voidPromise());
        }
    }

    @Override
    public void silence() {}

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An unreachable client, by ICMP: its datagrams are lost and the socket goes on.
    }
}
