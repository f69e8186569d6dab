package io.sallyport.resolver.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Assumptions;

/** Keys and certificates of servers for tests, made by openssl. */
final class Certificates {
    private static final char[] PASSWORD = "test".toCharArray();

    private final Path directory;

    /** With an authority of its own. */
    Certificates(Path directory) throws IOException, InterruptedException {
        this.directory = directory;
        requireOpenssl();
        openssl("req -x509 " + key("ca") + " -subj /CN=test-authority -days 2 -out ca.pem");
    }

    /** The authority's certificate. */
    Path authority() {
        return directory.resolve("ca.pem");
    }

    /** A certificate of this name, in PEM, with its key beside it in {@code NAME.key}. */
    Path certificate(String name, int days) throws IOException, InterruptedException {
        openssl(
                "req "
                        + key(name)
                        + " -subj /CN=x -addext subjectAltName=DNS:"
                        + name
                        + " -out x.csr");
        openssl(
                "x509 -req -in x.csr -CA ca.pem -CAkey ca.key -CAcreateserial -copy_extensions copy"
                        + " -days "
                        + days
                        + " -out "
                        + name
                        + ".pem");
        return directory.resolve(name + ".pem");
    }

    /** What a server of this name has. */
    SSLContext server(String name) throws Exception {
        return server(name, 2);
    }

    SSLContext server(String name, int days) throws Exception {
        certificate(name, days);
        openssl(
                "pkcs12 -export -in "
                        + name
                        + ".pem -inkey "
                        + name
                        + ".key -passout pass:test -out x.p12");
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store(), PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    /** Of the key of the server made last. */
    String pin() throws IOException, GeneralSecurityException {
        KeyStore store = store();
        Certificate certificate = store.getCertificate(store.aliases().nextElement());
        byte[] digest =
                MessageDigest.getInstance("SHA-256")
                        .digest(certificate.getPublicKey().getEncoded());
        return "sha256/" + Base64.getEncoder().encodeToString(digest);
    }

    private KeyStore store() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve("x.p12"))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static String key(String name) {
        return "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + name + ".key";
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(("openssl " + arguments).split(" "))
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("openssl.log").toFile())
                        .start();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(() -> log(directory.resolve("openssl.log"))).isZero();
    }

    private static String log(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Missing in CI, it is a failure; on a laptop, a reason to skip. */
    static void requireProgram(String name, String... check) {
        try {
            Process process = new ProcessBuilder(check).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            process.waitFor();
        } catch (IOException | InterruptedException e) {
            assertThat(System.getenv("CI")).as("%s is missing", name).isNull();
            Assumptions.abort(name + " is missing");
        }
    }

    private static void requireOpenssl() {
        requireProgram("openssl", "openssl", "version");
    }
}
