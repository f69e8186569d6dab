package io.sallyport.sync.certificates;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * A directory of certificates ({@code NAME.pem}) and their keys ({@code NAME.key}). Tests that make
 * any need {@code openssl}.
 */
public record Certificates(Path directory) {
    public static final List<String> P256 = List.of("ec", "-pkeyopt", "ec_paramgen_curve:P-256");

    private static final char[] PASSWORD = "pretend".toCharArray();
    private static final long PATIENCE_SECONDS = 60;

    public Path certificate(String name) {
        return directory.resolve(name + ".pem");
    }

    public Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** One that nobody but itself has signed. */
    public void alone(String name, String subject, String... extensions) {
        alone(name, subject, P256, extensions);
    }

    /**
     * @param algorithm as the words after {@code -newkey} say it
     */
    public void alone(String name, String subject, List<String> algorithm, String... extensions) {
        List<String> words = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "2"));
        words.addAll(List.of("-subj", "/CN=" + subject, "-newkey"));
        words.addAll(algorithm);
        words.addAll(List.of("-keyout", key(name).toString()));
        words.addAll(List.of("-out", certificate(name).toString()));
        for (String extension : extensions) {
            words.addAll(List.of("-addext", extension));
        }
        openssl(words);
    }

    /**
     * One that the other has signed.
     *
     * @param days that it is valid for; fewer than none for one that was
     */
    public void signed(String name, String by, String alternative, int days) {
        String request = directory.resolve(name + ".csr").toString();
        Path extensions = directory.resolve(name + ".ext");
        try {
            Files.writeString(extensions, "subjectAltName=" + alternative);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<String> words = new ArrayList<>(List.of("req", "-nodes", "-subj", "/CN=control"));
        words.add("-newkey");
        words.addAll(P256);
        words.addAll(List.of("-keyout", key(name).toString(), "-out", request));
        openssl(words);
        words = new ArrayList<>(List.of("x509", "-req", "-set_serial", "7", "-in", request));
        words.addAll(List.of("-CA", certificate(by).toString(), "-CAkey", key(by).toString()));
        words.addAll(List.of("-days", Integer.toString(days), "-extfile", extensions.toString()));
        words.addAll(List.of("-out", certificate(name).toString()));
        openssl(words);
    }

    /** Of a server that shows it. */
    public SSLContext server(String name) {
        Path store = directory.resolve(name + ".p12");
        List<String> words = new ArrayList<>(List.of("pkcs12", "-export"));
        words.addAll(List.of("-passout", "pass:" + new String(PASSWORD), "-out", store.toString()));
        words.addAll(List.of("-inkey", key(name).toString()));
        words.addAll(List.of("-in", certificate(name).toString()));
        openssl(words);
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD);
            KeyManagerFactory factory =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(keys, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(factory.getKeyManagers(), null, null);
            return context;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private void openssl(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(arguments);
        Path log = directory.resolve("openssl.log");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(log.toFile())
                            .start();
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(log)).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
