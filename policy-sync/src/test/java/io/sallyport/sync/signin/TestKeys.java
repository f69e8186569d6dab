package io.sallyport.sync.signin;

import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.TestProvider.Twist;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Real keys, what is published of them, and ID tokens signed with them, well or badly. */
final class TestKeys {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair rsa = rsa(2048);
    private final KeyPair shortRsa = rsa(1024);
    private final KeyPair strange = rsa(2048);
    private final KeyPair ec = ec();

    /** RFC 7517. */
    List<Map<String, Object>> published(String keyId) {
        return List.of(
                publicRsa(rsa, "rsa-" + keyId),
                publicRsa(shortRsa, "short"),
                publicEc("ec-" + keyId));
    }

    String sign(String claims, Twist twist, boolean elliptic, String keyId) {
        String rsaKey = "rsa-" + keyId;
        return switch (twist) {
            case ALG_NONE -> part("{\"alg\":\"none\"}") + '.' + part(claims) + '.';
            case HS256_WITH_PUBLIC_KEY ->
                    hmac(claims, Base64.getMimeEncoder().encode(rsa.getPublic().getEncoded()));
            case HS256_WITH_CLIENT_SECRET ->
                    hmac(claims, TestProvider.SECRET.getBytes(StandardCharsets.UTF_8));
            case OTHER_KEY -> rs256(header("RS256", rsaKey), claims, strange.getPrivate());
            case UNKNOWN_KEY_ID -> rs256(header("RS256", "unknown"), claims, rsa.getPrivate());
            case KEY_IN_HEADER ->
                    rs256(
                            Document.canonical(
                                    Map.of("alg", "RS256", "jwk", publicRsa(strange, "mine"))),
                            claims,
                            strange.getPrivate());
            case SHORT_KEY -> rs256(header("RS256", "short"), claims, shortRsa.getPrivate());
            case CHANGED_AFTER_SIGNING -> {
                String[] parts =
                        rs256(header("RS256", rsaKey), claims, rsa.getPrivate()).split("\\.", -1);
                yield parts[0] + '.' + part(claims.replace("staff", "admin")) + '.' + parts[2];
            }
            default ->
                    elliptic
                            ? es256(header("ES256", "ec-" + keyId), claims)
                            : rs256(header("RS256", rsaKey), claims, rsa.getPrivate());
        };
    }

    private static String header(String algorithm, String key) {
        return Document.canonical(Map.of("alg", algorithm, "kid", key, "typ", "JWT"));
    }

    private static String rs256(String header, String claims, PrivateKey key) {
        return signed(header, claims, "SHA256withRSA", key);
    }

    private String es256(String header, String claims) {
        return signed(header, claims, "SHA256withECDSAinP1363Format", ec.getPrivate());
    }

    private static String signed(String header, String claims, String algorithm, PrivateKey key) {
        try {
            String input = part(header) + '.' + part(claims);
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(input.getBytes(StandardCharsets.US_ASCII));
            return input + '.' + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String hmac(String claims, byte[] key) {
        try {
            String input = part(header("HS256", "rsa-1")) + '.' + part(claims);
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return input
                    + '.'
                    + BASE64.encodeToString(mac.doFinal(input.getBytes(StandardCharsets.US_ASCII)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, Object> publicRsa(KeyPair pair, String id) {
        RSAPublicKey key = (RSAPublicKey) pair.getPublic();
        return Map.of(
                "kty",
                "RSA",
                "use",
                "sig",
                "kid",
                id,
                "n",
                number(key.getModulus(), 0),
                "e",
                number(key.getPublicExponent(), 0));
    }

    private Map<String, Object> publicEc(String id) {
        ECPublicKey key = (ECPublicKey) ec.getPublic();
        return Map.of(
                "kty",
                "EC",
                "crv",
                "P-256",
                "use",
                "sig",
                "kid",
                id,
                "x",
                number(key.getW().getAffineX(), 32),
                "y",
                number(key.getW().getAffineY(), 32));
    }

    /** RFC 7518 §2: big-endian, without a sign. */
    private static String number(BigInteger value, int octets) {
        byte[] bytes = value.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        byte[] bare = Arrays.copyOfRange(bytes, from, bytes.length);
        byte[] padded = new byte[Math.max(octets, bare.length)];
        System.arraycopy(bare, 0, padded, padded.length - bare.length, bare.length);
        return BASE64.encodeToString(padded);
    }

    private static KeyPair rsa(int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static KeyPair ec() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String part(String text) {
        return BASE64.encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
