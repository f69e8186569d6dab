package io.sallyport.sync.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.zjsonpatch.JsonPatch;
import io.sallyport.iptables.netns.Needs;
import io.sallyport.sync.audit.AuditTrail.Author;
import io.sallyport.sync.certificates.Certificates;
import io.sallyport.sync.control.Control;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.org.OrgStore;
import io.sallyport.sync.settings.Settings;
import io.sallyport.sync.signin.SignIn;
import io.sallyport.sync.store.Database;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The webhook of a control server that runs, over HTTPS, as an API server asks it. */
@Needs({"openssl"})
final class AdmissionTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final Author TEST = new Author("test", "");

    @TempDir private static Path directory;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Database database;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static Control control;

    @SuppressWarnings("NullAway.Init") // before all tests
    private static HttpClient client;

    @BeforeAll
    static void start() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.alone("server", "control", "subjectAltName=IP:127.0.0.1");
        certificates.alone("api", "api-server", "extendedKeyUsage=clientAuth");
        certificates.alone("liar", "api-server", "extendedKeyUsage=clientAuth");
        database = Database.open(directory);
        OrgStore orgs = OrgStore.of(database, InstantSource.system());
        for (String mapping : List.of("team-a acme", "shared acme", "shared beta")) {
            String org = mapping.split(" ", -1)[1];
            if (!orgs.has(org)) {
                orgs.create(org, Settings.forNewOrg(), TEST);
            }
            orgs.map(mapping.split(" ", -1)[0], org, TEST);
        }
        control = control("name-servers: [169.254.53.53]\nruntime-class: gvisor\n");
        client = client(Optional.empty());
    }

    private static Control control(String webhook) throws IOException {
        Admission.Config config = Admission.Config.read(Document.yaml(webhook));
        return Control.start(
                new Control.Config(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        Optional.of(
                                new Control.TlsFiles(
                                        directory.resolve("server.pem"),
                                        directory.resolve("server.key"),
                                        config.clientCa())),
                        SignIn.Config.DEFAULT,
                        Control.Limits.DEFAULT,
                        Optional.empty(),
                        Optional.of(config)),
                database);
    }

    @AfterAll
    static void stop() {
        client.close();
        control.close();
        database.close();
    }

    /** Trusts the server; shows a certificate if it is given one. */
    private static HttpClient client(Optional<String> shown) throws Exception {
        KeyStore trusted = store();
        trusted.setCertificateEntry("server", pem("server"));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        KeyStore own = store();
        if (shown.isPresent()) {
            var key = java.security.KeyFactory.getInstance("EC");
            String text = Files.readString(directory.resolve(shown.get() + ".key"));
            byte[] octets =
                    Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
            own.setKeyEntry(
                    "own",
                    key.generatePrivate(new java.security.spec.PKCS8EncodedKeySpec(octets)),
                    new char[0],
                    new Certificate[] {pem(shown.get())});
        }
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, new char[0]);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return HttpClient.newBuilder()
                .sslContext(context)
                .version(HttpClient.Version.HTTP_1_1)
                .build();
    }

    private static KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        return store;
    }

    private static Certificate pem(String name) throws Exception {
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".pem"))) {
            return CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static HttpResponse<String> send(HttpClient from, String url, String body, String type)
            throws Exception {
        return from.send(
                HttpRequest.newBuilder(URI.create(url + "/webhook/pods?timeout=5s"))
                        .timeout(Duration.ofSeconds(30))
                        .header("Content-Type", type)
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static JsonNode review(ObjectNode review) throws Exception {
        HttpResponse<String> answer =
                send(client, control.url(), review.toString(), "application/json");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode read = JSON.readTree(answer.body());
        assertThat(read.path("apiVersion").asString()).isEqualTo("admission.k8s.io/v1");
        assertThat(read.path("kind").asString()).isEqualTo("AdmissionReview");
        assertThat(read.path("response").path("uid").asString())
                .isEqualTo(review.path("request").path("uid").asString());
        return read.path("response");
    }

    /** As an API server of 1.34 sends it, shortened where nothing of it is read. */
    private static ObjectNode asked(String operation, String namespace, JsonNode pod) {
        ObjectNode review =
                (ObjectNode)
                        JSON.readTree(
                                """
                                {"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{
                                 "uid":"705ab4f5-6393-11e8-b7cc-42010a800002",
                                 "kind":{"group":"","version":"v1","kind":"Pod"},
                                 "resource":{"group":"","version":"v1","resource":"pods"},
                                 "requestKind":{"group":"","version":"v1","kind":"Pod"},
                                 "requestResource":{"group":"","version":"v1","resource":"pods"},
                                 "userInfo":{"username":"system:serviceaccount:kube-system:replicaset-controller",
                                  "groups":["system:serviceaccounts","system:authenticated"]},
                                 "oldObject":null,"dryRun":false,
                                 "options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}}
                                """);
        ObjectNode request = (ObjectNode) review.path("request");
        request.put("operation", operation).put("namespace", namespace).set("object", pod);
        return review;
    }

    private static ObjectNode pod(String metadata, String spec) {
        ObjectNode pod =
                (ObjectNode)
                        JSON.readTree(
                                """
                                {"kind":"Pod","apiVersion":"v1",
                                 "metadata":{"generateName":"agent-","creationTimestamp":null},
                                 "spec":{"containers":[{"name":"agent","image":"agent","resources":{}}],
                                  "restartPolicy":"Always","dnsPolicy":"ClusterFirst","priority":0}}
                                """);
        ((ObjectNode) pod.path("metadata")).setAll((ObjectNode) JSON.readTree(metadata));
        ((ObjectNode) pod.path("spec")).setAll((ObjectNode) JSON.readTree(spec));
        return pod;
    }

    /** What an API server makes of the pod. */
    private static JsonNode changed(JsonNode pod, JsonNode response) throws Exception {
        assertThat(response.path("allowed").asBoolean(false)).as(response.toString()).isTrue();
        if (response.path("patch").isMissingNode()) {
            return pod;
        }
        assertThat(response.path("patchType").asString()).isEqualTo("JSONPatch");
        String patch =
                new String(
                        Base64.getDecoder().decode(response.path("patch").asString()),
                        StandardCharsets.UTF_8);
        var mapper = new com.fasterxml.jackson.databind.ObjectMapper();
        return JSON.readTree(
                JsonPatch.apply(mapper.readTree(patch), mapper.readTree(pod.toString()))
                        .toString());
    }

    @Test
    void podGetsResolverRuntimeClassSessionAndTheOrgThatIsTheOnlyOne() throws Exception {
        ObjectNode pod = pod("{}", "{\"dnsConfig\":{\"options\":[{\"name\":\"ndots\"}]}}");
        JsonNode made = changed(pod, review(asked("CREATE", "team-a", pod)));

        assertThat(made.path("spec").path("dnsPolicy").asString()).isEqualTo("None");
        assertThat(made.path("spec").path("dnsConfig").toString())
                .isEqualTo(
                        "{\"options\":[{\"name\":\"ndots\"}],\"nameservers\":[\"169.254.53.53\"]}");
        assertThat(made.path("spec").path("runtimeClassName").asString()).isEqualTo("gvisor");
        JsonNode annotations = made.path("metadata").path("annotations");
        assertThat(annotations.path("sallyport.io/org").asString()).isEqualTo("acme");
        assertThat(annotations.path("sallyport.io/session").asString()).isNotEmpty();
        assertThat(made.path("spec").path("containers"))
                .isEqualTo(pod.path("spec").path("containers"));
    }

    @Test
    void askedAgainAboutWhatItMadeItChangesNothing() throws Exception {
        ObjectNode pod = pod("{\"annotations\":{\"a/b\":\"c\"}}", "{}");
        JsonNode made = changed(pod, review(asked("CREATE", "team-a", pod)));
        JsonNode again = review(asked("CREATE", "team-a", made));

        assertThat(again.path("allowed").asBoolean(false)).isTrue();
        assertThat(again.has("patch")).isFalse();
        assertThat(made.path("metadata").path("annotations").path("a/b").asString()).isEqualTo("c");
        JsonNode other = changed(pod, review(asked("CREATE", "team-a", pod)));
        assertThat(session(other)).isNotEqualTo(session(made));
    }

    private static String session(JsonNode pod) {
        return pod.path("metadata").path("annotations").path("sallyport.io/session").asString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    team-a  | {"annotations":{"sallyport.io/org":"beta"}}      | may not name org beta
                    team-b  | {"labels":{"sallyport.io/org":"acme"}}           | may not name org acme
                    team-a  | {"annotations":{"sallyport.io/org":"nobody"}}    | may not name org nobody
                    shared  | {"labels":{"sallyport.io/org":"acme"},"annotations":{"sallyport.io/org":"beta"}} | more than one org
                    team-a  | {"annotations":{"sallyport.io/session":"mine"}}  | is this webhook's to give
                    team-a  | {"annotations":{"sallyport.io/session":""}}      | is this webhook's to give
                    team-a  | {"annotations":{"sallyport.io/session":"1-aa-bb"}} | is this webhook's to give
                    Team_A  | {}                                               | name of a namespace
                    """)
    void podThatLiesIsRefusedWithASentence(String namespace, String metadata, String why)
            throws Exception {
        JsonNode response = review(asked("CREATE", namespace, pod(metadata, "{}")));

        assertThat(response.path("allowed").asBoolean(true)).isFalse();
        assertThat(response.path("status").path("message").asString()).contains(why);
        assertThat(response.has("patch")).isFalse();
    }

    @Test
    void sessionThatWasGivenToAPodOfAnotherNamespaceIsNobodyElses() throws Exception {
        ObjectNode pod = pod("{}", "{}");
        JsonNode made = changed(pod, review(asked("CREATE", "team-a", pod)));

        assertThat(review(asked("CREATE", "shared", made)).path("allowed").asBoolean(true))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    shared | {}                                                         | 1
                    team-b | {}                                                         | 1
                    team-a | {"labels":{"agents.x-k8s.io/warm-pool-sandbox":"5f3a"}}    | 0
                    """)
    void podWhoseOrgCannotBeKnownYetHasNone(String namespace, String metadata, int warnings)
            throws Exception {
        ObjectNode pod = pod(metadata, "{}");
        JsonNode response = review(asked("CREATE", namespace, pod));

        JsonNode annotations = changed(pod, response).path("metadata").path("annotations");
        assertThat(annotations.has("sallyport.io/org")).isFalse();
        assertThat(annotations.has("sallyport.io/session")).isTrue();
        assertThat(response.path("warnings").size()).isEqualTo(warnings);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    {}                                         | {"sallyport.io/org":"acme"}                | true
                    {}                                         | {"sallyport.io/org":"nobody"}              | false
                    {"sallyport.io/org":"acme"}                | {"sallyport.io/org":"beta"}                | false
                    {"sallyport.io/org":"acme"}                | {"sallyport.io/org":"acme","x":"y"}        | true
                    {"sallyport.io/org":"acme"}                | {}                                         | true
                    {"sallyport.io/session":"a"}               | {"sallyport.io/session":"b"}               | false
                    {}                                         | {"sallyport.io/session":"b"}               | false
                    {"sallyport.io/session":"a"}               | {"sallyport.io/session":"a"}               | true
                    """)
    void podThatLivesIsClaimedOnceAndNeverTurned(String before, String now, boolean allowed)
            throws Exception {
        ObjectNode review = asked("UPDATE", "shared", pod("{\"annotations\":" + now + "}", "{}"));
        ((ObjectNode) review.path("request"))
                .set("oldObject", pod("{\"annotations\":" + before + "}", "{}"));
        JsonNode response = review(review);

        assertThat(response.path("allowed").asBoolean(!allowed)).isEqualTo(allowed);
        assertThat(response.has("patch")).isFalse();
    }

    @Test
    void bodiesThatAreNoReviewsAreRefusedAndHarmless() throws Exception {
        String good = asked("CREATE", "team-a", pod("{}", "{}")).toString();
        for (String body :
                List.of(
                        "",
                        "{}",
                        "[]",
                        "\u0000",
                        good + "{}",
                        good.replace("admission.k8s.io/v1", "admission.k8s.io/v1beta1"),
                        good.replace("\"kind\":\"Pod\"", "\"kind\":\"Secret\""),
                        good.replace("\"uid\":", "\"uid\":\"1\",\"uid\":"),
                        good.replace("\"labels\"", "\"x\"").replace("{}", "[".repeat(200)),
                        "[".repeat(100_000),
                        "{\"a\":\"" + "b".repeat(5 << 20) + "\"}")) {
            HttpResponse<String> answer = send(client, control.url(), body, "application/json");
            assertThat(answer.statusCode()).as("%.80s", body).isEqualTo(400);
            assertThat(answer.headers().firstValue("content-type"))
                    .contains("application/problem+json");
        }
        assertThat(send(client, control.url(), good, "text/plain").statusCode()).isEqualTo(400);
        assertThat(send(client, control.url(), good, "application/json").statusCode())
                .isEqualTo(200);
    }

    @Test
    void whereAnAuthorityIsNamedOnlyWhomItVouchesForIsAnswered() throws Exception {
        String good = asked("CREATE", "team-a", pod("{}", "{}")).toString();
        try (Control guarded = control("client-ca-file: " + directory.resolve("api.pem"));
                HttpClient api = client(Optional.of("api"));
                HttpClient liar = client(Optional.of("liar"))) {
            assertThat(send(api, guarded.url(), good, "application/json").statusCode())
                    .isEqualTo(200);
            assertThat(send(client, guarded.url(), good, "application/json").statusCode())
                    .isEqualTo(403);
            assertThat(
                            client.send(
                                            HttpRequest.newBuilder(
                                                            URI.create(guarded.url() + "/healthz"))
                                                    .build(),
                                            BodyHandlers.ofString())
                                    .statusCode())
                    .as("browsers have no certificate")
                    .isEqualTo(200);
            assertThatThrownBy(() -> send(liar, guarded.url(), good, "application/json"))
                    .isInstanceOf(IOException.class);
        }
    }
}
