package io.sallyport.resolver.listen;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import io.sallyport.resolver.count.Counters.Count;
import io.sallyport.resolver.journey.Journey;
import io.sallyport.resolver.query.Query;
import io.sallyport.resolver.reply.Reply;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection (RFC 7766): messages with their length in front, any number in one segment or
 * one over many, answered as answers come. All of it runs on the connection's event loop; messages
 * are taken in a loop, never by recursion.
 *
 * <p>{@code unread} holds what has come and was not taken yet: part of a message, or whole ones
 * that wait because too many questions are under way or the client does not read its answers. It is
 * bounded, and more cuts the connection: reading is never stopped, because a socket that is not
 * read does not tell that its client has gone or has half closed (with epoll a half-close while
 * reading is stopped even ends the registration, netty 4.2.18).
 */
final class TcpConnection extends ChannelInboundHandlerAdapter implements Journey.Client {
    private static final int PREFIX = 2;

    /** A thousand questions of usual length: all that one connection may ask. */
    private static final int MAX_UNREAD = 64 << 10;

    /**
     * How often the clocks are looked at: they are seconds, and a connection that overstays by this
     * is no harm.
     */
    private static final Duration TICK = Duration.ofMillis(250);

    private final Channel channel;
    private final Journey journey;
    private final long addressHigh;
    private final long addressLow;
    private final TcpLimits limits;
    private final Doorkeeper doorkeeper;

    private @Nullable ByteBuf unread;
    private @Nullable Future<?> clock;
    private int inFlight;
    private int queries;
    private boolean taking;
    private boolean inRead;
    private boolean inputClosed;
    private boolean closing;

    /** Until when the client has to do what it is waited for: {@link System#nanoTime}. */
    private long deadline;

    /** When something was last taken or answered: {@link System#nanoTime}. */
    private long activeAt = System.nanoTime();

    private boolean messageBegun;
    private long unwritableSince;

    TcpConnection(
            Channel channel,
            Journey journey,
            InetSocketAddress client,
            TcpLimits limits,
            Doorkeeper doorkeeper) {
        this.channel = channel;
        this.journey = journey;
        this.addressHigh = Halves.high(client);
        this.addressLow = Halves.low(client);
        this.limits = limits;
        this.doorkeeper = doorkeeper;
        this.deadline = System.nanoTime() + limits.firstByte().toNanos();
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        clock =
                context.executor()
                        .scheduleAtFixedRate(
                                this::lookAtClock,
                                TICK.toMillis(),
                                TICK.toMillis(),
                                TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (clock != null) {
            clock.cancel(false);
        }
        if (unread != null) {
            unread.release();
            unread = null;
        }
        closing = true;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        inRead = true;
        ByteBuf more = (ByteBuf) message;
        if (closing || queries >= limits.queries()) {
            // Behind the last question that is answered nothing more is looked at.
            more.release();
            return;
        }
        if (unread == null) {
            unread = more;
        } else {
            try {
                unread.discardReadBytes();
                unread.writeBytes(more);
            } finally {
                more.release();
            }
        }
        take();
        if (unread != null && unread.readableBytes() > MAX_UNREAD) {
            cut();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        inRead = false;
        context.flush();
        endIfDone();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        unwritableSince = channel.isWritable() ? 0 : System.nanoTime();
        if (channel.isWritable() && !inRead) {
            take();
            channel.flush();
            endIfDone();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            // The client has asked all it wants and still gets its answers.
            inputClosed = true;
            endIfDone();
        }
    }

    /** Takes whole messages while they may be answered; then lets the socket wait, or go on. */
    private void take() {
        if (taking) {
            return;
        }
        taking = true;
        journey.tick();
        try {
            while (mayTake()) {
                ByteBuf message = next();
                if (message == null) {
                    break;
                }
                queries++;
                inFlight++;
                journey.begin(message, this);
                if (!channel.isWritable()) {
                    channel.flush();
                }
            }
        } finally {
            taking = false;
        }
        journey.tock();
        settle();
    }

    private boolean mayTake() {
        return !closing
                && inFlight < limits.inFlight()
                && queries < limits.queries()
                && channel.isWritable();
    }

    /** The next whole message, a view of {@code unread}; null while it is not all there. */
    private @Nullable ByteBuf next() {
        ByteBuf buffer = unread;
        if (buffer == null || buffer.readableBytes() < PREFIX) {
            return null;
        }
        int length = buffer.getUnsignedShort(buffer.readerIndex());
        if (length > Query.MAX_OCTETS || length == 0) {
            // No query is so long, and none is empty: either the stream is out of step or the
            // client means harm.
            cut();
            return null;
        }
        if (buffer.readableBytes() < PREFIX + length) {
            return null;
        }
        ByteBuf message = buffer.slice(buffer.readerIndex() + PREFIX, length);
        buffer.skipBytes(PREFIX + length);
        messageBegun = false;
        return message;
    }

    /** After taking: gives memory back and sets the clock. */
    private void settle() {
        keepOnlyTheRest();
        if (closing) {
            return;
        }
        activeAt = System.nanoTime();
        boolean held = !mayTake();
        if (unread == null || held) {
            messageBegun = false;
            deadline = activeAt + limits.idle().toNanos();
        } else if (!messageBegun) {
            messageBegun = true;
            deadline = activeAt + limits.message().toNanos();
        }
        inputClosed |= queries >= limits.queries();
    }

    /** A few octets of a message must not hold the large buffer that they came in. */
    private void keepOnlyTheRest() {
        if (unread != null && unread.readableBytes() * 2 < unread.capacity()) {
            ByteBuf large = unread;
            unread =
                    large.isReadable()
                            ? channel.alloc().buffer(large.readableBytes()).writeBytes(large)
                            : null;
            large.release();
        }
    }

    @Override
    public long addressHigh() {
        return addressHigh;
    }

    @Override
    public long addressLow() {
        return addressLow;
    }

    @Override
    public boolean stream() {
        return true;
    }

    @Override
    public Journey.Client kept() {
        return this;
    }

    @Override
    @SuppressWarnings(
            "FutureReturnValueIgnored") // a failed write closes the channel, and that is what is
    // looked at
    public void answer(Reply reply) {
        inFlight--;
        if (closing) {
            return;
        }
        if (channel.bytesBeforeWritable() > limits.unread()) {
            cut();
            return;
        }
        ByteBuf octets =
                channel.alloc()
                        .directBuffer(reply.length())
                        .writeBytes(reply.octets(), reply.from(), reply.length());
        channel.write(octets, channel.voidPromise());
        if (!taking && !inRead) {
            channel.flush();
            take();
            channel.flush();
            endIfDone();
        }
    }

    /**
     * What is no query on a stream is a broken client (RFC 7766 §8): there is no way back into
     * step.
     */
    @Override
    public void silence() {
        inFlight--;
        cut();
    }

    /** Closes behind the last answer once nothing more is asked. */
    @SuppressWarnings("FutureReturnValueIgnored") // the close is all that follows
    private void endIfDone() {
        boolean done =
                inputClosed && inFlight == 0 && !taking && !(mayTake() && holdsWholeMessage());
        if (done && !closing && channel.isWritable()) {
            closing = true;
            deadline = System.nanoTime() + limits.message().toNanos();
            channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** Ends, behind the last answer, once nothing was asked for so long. From any thread. */
    void finishSoon(long quietNanos) {
        channel.eventLoop()
                .execute(() -> {
                    if (System.nanoTime() - activeAt >= quietNanos) {
                        inputClosed = true;
                        endIfDone();
                    }
                });
    }

    private boolean holdsWholeMessage() {
        return unread != null
                && unread.readableBytes() >= PREFIX
                && unread.readableBytes() >= PREFIX + unread.getUnsignedShort(unread.readerIndex());
    }

    /** By how much an idle connection has to go sooner, because others need its place. */
    private long haste() {
        if (unread != null || !doorkeeper.isCrowded()) {
            return 0;
        }
        Duration patience = queries == 0 ? limits.firstByte() : limits.idle();
        return Math.max(0, patience.minus(limits.crowded()).toNanos());
    }

    private void lookAtClock() {
        long now = System.nanoTime();
        boolean waitsForClient = inFlight == 0 && unwritableSince == 0;
        boolean late = (waitsForClient || messageBegun) && now - deadline > -haste();
        boolean notReading =
                unwritableSince != 0 && now - unwritableSince > limits.message().toNanos();
        if (late || notReading) {
            cut();
        }
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the close is all that follows
    private void cut() {
        if (channel.isOpen()) {
            closing = true;
            journey.tally().add(Count.TCP_CUT);
            channel.close();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        cut();
    }
}
