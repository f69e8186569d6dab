package io.sallyport.resolver.upstream.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import io.sallyport.resolver.upstream.endpoint.Endpoint;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS 1.3 or 1.2 to one server, with the JDK's own implementation. Sessions are resumed: they
 * belong to this object, so each was begun by a server that has proven what this object demands.
 */
public final class TlsClient {

    /** Why there is no secure connection. */
    public enum Failure {
        /** The certificate is for another name. */
        NAME,
        /** The key is none of those pinned. */
        PIN,
        /** A certificate is past its time, or before it. */
        EXPIRED,
        /** No trusted authority vouches for it. */
        UNTRUSTED,
        /** The server hung up. */
        CLOSED,
        /** The server took too long. */
        TIMEOUT,
        /** Anything else: no TLS at all, a version or a cipher that is not spoken here. */
        PROTOCOL
    }

    /** A handshake is two round trips; who needs longer cannot answer in time either. */
    private static final long HANDSHAKE_SECONDS = 3;

    /** After this, a resumed session would rest on an old look at the certificate. */
    private static final long SESSION_SECONDS = TimeUnit.HOURS.toSeconds(1);

    private static final int MAX_SESSIONS = 64;

    /** Certificates and signatures take milliseconds, which an event loop does not have. */
    private static final Executor HANDSHAKES = handshakes();

    private final SslContext context;
    private final String peer;
    private final int port;

    /**
     * @throws IllegalArgumentException if the authorities' file cannot be used
     */
    public TlsClient(InetSocketAddress address, Endpoint.Tls proof) {
        this.peer = proof.name().orElse(address.getAddress().getHostAddress());
        this.port = address.getPort();
        try {
            Verifier verifier =
                    new Verifier(
                            proof.name().isPresent() ? authorities(proof.authorities()) : null,
                            new HashSet<>(proof.pins()));
            context =
                    SslContextBuilder.forClient()
                            .sslProvider(SslProvider.JDK)
                            .protocols("TLSv1.3", "TLSv1.2")
                            .trustManager((TrustManager) verifier)
                            .endpointIdentificationAlgorithm("HTTPS")
                            .applicationProtocolConfig(
                                    new ApplicationProtocolConfig(
                                            Protocol.ALPN,
                                            SelectorFailureBehavior.NO_ADVERTISE,
                                            SelectedListenerFailureBehavior.ACCEPT,
                                            "dot"))
                            .sessionTimeout(SESSION_SECONDS)
                            .sessionCacheSize(MAX_SESSIONS)
                            .build();
        } catch (SSLException e) {
            throw new IllegalStateException("this JDK speaks no TLS", e);
        }
    }

    /** What a connection's octets go through first; ends the connection if there is no proof. */
    public SslHandler handler(ByteBufAllocator allocator) {
        SslHandler handler = context.newHandler(allocator, peer, port, HANDSHAKES);
        handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        handler.setCloseNotifyFlushTimeoutMillis(0);
        return handler;
    }

    /** What a failed handshake failed by. */
    public static Failure failure(Throwable handshake) {
        for (Throwable cause = handshake; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case Verifier.Distrust distrust -> {
                    return distrust.failure;
                }
                case SslHandshakeTimeoutException _ -> {
                    return Failure.TIMEOUT;
                }
                case ClosedChannelException _ -> {
                    return Failure.CLOSED;
                }
                default -> {}
            }
        }
        return hungUp(handshake) ? Failure.CLOSED : Failure.PROTOCOL;
    }

    /** Netty tells of a connection that ended during the handshake by its text only. */
    private static boolean hungUp(Throwable handshake) {
        String message = handshake.getMessage();
        return handshake instanceof IOException
                && message != null
                && (message.startsWith("Connection closed") || message.contains("reset by peer"));
    }

    private static X509ExtendedTrustManager authorities(Optional<Path> file) {
        try {
            TrustManagerFactory factory =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(file.isPresent() ? keys(file.get()) : null);
            return Arrays.stream(factory.getTrustManagers())
                    .filter(X509ExtendedTrustManager.class::isInstance)
                    .map(X509ExtendedTrustManager.class::cast)
                    .findFirst()
                    .orElseThrow(() -> new GeneralSecurityException("no trust manager for X.509"));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException(
                    "the authorities "
                            + file.map(path -> "in " + path).orElse("of the JDK")
                            + " cannot be read: "
                            + e,
                    e);
        }
    }

    private static @Nullable KeyStore keys(Path file) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream in = Files.newInputStream(file)) {
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("authority-" + store.size(), certificate);
            }
        }
        if (store.size() == 0) {
            throw new IOException("it has no certificate in PEM form");
        }
        return store;
    }

    /** One thread that ends itself: handshakes are rare, and connections bound the queue. */
    private static Executor handshakes() {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        1,
                        1,
                        10,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "tls handshakes");
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }
}
