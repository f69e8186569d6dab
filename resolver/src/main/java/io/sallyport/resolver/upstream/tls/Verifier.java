package io.sallyport.resolver.upstream.tls;

import io.sallyport.resolver.upstream.tls.TlsClient.Failure;
import java.net.Socket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Looks at a server's certificates: authorities vouch for the name, the key is a pinned one. */
final class Verifier extends X509ExtendedTrustManager {

    /** Why a chain was not believed. */
    static final class Distrust extends CertificateException {
        private static final long serialVersionUID = 1;
        final Failure failure;

        Distrust(Failure failure, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.failure = failure;
        }
    }

    private static final X509Certificate[] NONE = {};

    private final @Nullable X509ExtendedTrustManager authorities;
    private final Set<String> pins;

    /**
     * @param authorities who vouches for the name; null: the pins alone count
     * @param pins in Base64; empty: any key will do
     */
    Verifier(@Nullable X509ExtendedTrustManager authorities, Set<String> pins) {
        if (authorities == null && pins.isEmpty()) {
            throw new IllegalArgumentException("nothing would be verified");
        }
        this.authorities = authorities;
        this.pins = Set.copyOf(pins);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (chain.length == 0) {
            throw new Distrust(Failure.UNTRUSTED, "the server sent no certificate", null);
        }
        if (authorities != null) {
            vouched(authorities, chain, authType, engine);
        }
        if (!pins.isEmpty() && !pins.contains(pin(chain[0]))) {
            throw new Distrust(
                    Failure.PIN,
                    "the server's key is sha256/" + pin(chain[0]) + ", not pinned",
                    null);
        }
    }

    private static void vouched(
            X509ExtendedTrustManager authorities,
            X509Certificate[] chain,
            String authType,
            SSLEngine engine)
            throws CertificateException {
        try {
            authorities.checkServerTrusted(chain, authType, engine);
        } catch (CertificateException e) {
            throw new Distrust(
                    reason(authorities, chain, authType), String.valueOf(e.getMessage()), e);
        }
    }

    /** Only after a refusal: the same without the name tells whether it was the name. */
    private static Failure reason(
            X509ExtendedTrustManager authorities, X509Certificate[] chain, String authType) {
        try {
            for (X509Certificate certificate : chain) {
                certificate.checkValidity();
            }
            authorities.checkServerTrusted(chain, authType);
            return Failure.NAME;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return Failure.EXPIRED;
        } catch (CertificateException e) {
            return Failure.UNTRUSTED;
        }
    }

    /** RFC 7858 §4.2: of the SubjectPublicKeyInfo, which survives a new certificate. */
    static String pin(X509Certificate certificate) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(certificate.getPublicKey().getEncoded());
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("a server is verified with its connection only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("a server is verified with its connection only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
            throws CertificateException {
        throw new CertificateException("there are no clients here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("there are no clients here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("there are no clients here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities == null ? NONE : authorities.getAcceptedIssuers();
    }
}
