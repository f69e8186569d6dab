package io.sallyport.sync.control;

import io.helidon.common.configurable.Resource;
import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;

/**
 * The server's certificate and key, from PEM files.
 *
 * @param leaf the server's own
 * @param digest of the files, by which others are told from them; nobody finds a key by it
 */
record Certificate(Tls tls, X509Certificate leaf, String digest) {
    /** A chain of a few certificates has some 10 kB. */
    private static final long MAX_OCTETS = 1 << 20;

    /**
     * @throws IOException with the file that is wrong
     */
    static Certificate read(Control.TlsFiles files) throws IOException {
        byte[] chain = octets(files.certificate());
        byte[] key = octets(files.key());
        byte[] authorities = authorities(files);
        try {
            Keys keys =
                    Keys.builder()
                            .pem(config ->
                                    config.certChain(resource("certificate", chain))
                                            .key(resource("key", key)))
                            .build();
            X509Certificate leaf = keys.certChain().getFirst();
            check(leaf.getPublicKey(), keys.privateKey().orElseThrow());
            var tls =
                    Tls.builder()
                            .privateKey(keys)
                            .privateKeyCertChain(keys)
                            .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"));
            if (authorities.length > 0) {
                // Whoever has none, such as a browser, goes on without.
                tls.clientAuth(TlsClientAuth.OPTIONAL).trust(certificates(authorities));
            }
            return new Certificate(tls.build(), leaf, digest(chain, key, authorities));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException | GeneralSecurityException e) {
            throw new IOException(
                    "cannot use "
                            + files.certificate()
                            + " with "
                            + files.key()
                            + "; they must be PEM: a certificate chain, and its key in PKCS #8 without"
                            + " a password",
                    e);
        }
    }

    /** Empty where nobody is asked for a certificate. */
    private static byte[] authorities(Control.TlsFiles files) throws IOException {
        return files.clientCa().isPresent() ? octets(files.clientCa().get()) : new byte[0];
    }

    private static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    /** Of what the files hold now, whether it can be used or not. */
    static String digest(Control.TlsFiles files) throws IOException {
        return digest(octets(files.certificate()), octets(files.key()), authorities(files));
    }

    private static String digest(byte[] chain, byte[] key, byte[] authorities) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update(sha.digest(chain));
            sha.update(sha.digest(authorities));
            return HexFormat.of().formatHex(sha.digest(key));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /** A key of another certificate would be found out by every client, and by nobody here. */
    private static void check(PublicKey certified, PrivateKey key) throws GeneralSecurityException {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] text = "the two belong together".getBytes(StandardCharsets.US_ASCII);
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(text);
        Signature verifying = Signature.getInstance(algorithm);
        verifying.initVerify(certified);
        verifying.update(text);
        if (!verifying.verify(signing.sign())) {
            throw new GeneralSecurityException("the key is not the certificate's");
        }
    }

    private static Resource resource(String name, byte[] octets) {
        return Resource.create(name, new ByteArrayInputStream(octets));
    }

    private static byte[] octets(Path file) throws IOException {
        if (Files.size(file) > MAX_OCTETS) {
            throw new IOException(file + " is too large for a PEM file");
        }
        return Files.readAllBytes(file);
    }
}
