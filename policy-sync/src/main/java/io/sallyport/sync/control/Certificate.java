package io.sallyport.sync.control;

import io.helidon.common.pki.Keys;
import io.helidon.common.tls.Tls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The server's certificate and key, from PEM files. */
final class Certificate {
    /** A chain of a few certificates has some 10 kB. */
    private static final long MAX_OCTETS = 1 << 20;

    private Certificate() {}

    /**
     * @throws IOException with the file that is wrong
     */
    static Tls tls(Control.TlsFiles files) throws IOException {
        byte[] chain = read(files.certificate());
        byte[] key = read(files.key());
        try {
            Keys keys =
                    Keys.builder()
                            .pem(pem ->
                                    pem.certChain(resource("certificate", chain))
                                            .key(resource("key", key)))
                            .build();
            return Tls.builder()
                    .privateKey(keys)
                    .privateKeyCertChain(keys)
                    .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
                    .build();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (RuntimeException e) {
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

    private static io.helidon.common.configurable.Resource resource(String name, byte[] octets) {
        return io.helidon.common.configurable.Resource.create(
                name, new ByteArrayInputStream(octets));
    }

    private static byte[] read(Path file) throws IOException {
        if (Files.size(file) > MAX_OCTETS) {
            throw new IOException(file + " is too large for a PEM file");
        }
        return Files.readAllBytes(file);
    }
}
