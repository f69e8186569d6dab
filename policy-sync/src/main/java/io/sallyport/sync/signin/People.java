package io.sallyport.sync.signin;

import com.nimbusds.openid.connect.sdk.claims.IDTokenClaimsSet;
import io.sallyport.sync.document.Document;
import io.sallyport.sync.signin.SignIn.Grant;
import io.sallyport.sync.signin.SignIn.IdentityProvider;
import io.sallyport.sync.signin.SignIn.Refused;
import io.sallyport.sync.token.Tokens.Holder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Who someone with an ID token is here, and in which role. */
final class People {
    /** A trail's line has room for 128. */
    private static final int MAX_SHOWN = 60;

    private static final int ID_DIGITS = 32;

    /** How providers say that the groups are too many for a token: OpenID Connect Core §5.6.2. */
    private static final String ELSEWHERE = "_claim_names";

    /**
     * Somebody with a role here.
     *
     * @param mapping names what of the configuration gave it: the grants up to the one that fits
     */
    record Known(Holder holder, String mapping) {}

    private final IdentityProvider provider;

    /** Of each grant, in order: a digest of it and all before it, which did not fit. */
    private final List<String> mappings;

    People(IdentityProvider provider) {
        this.provider = provider;
        this.mappings = mappings(provider);
    }

    private static List<String> mappings(IdentityProvider provider) {
        List<String> mappings = new ArrayList<>();
        String before =
                Document.canonical(List.of(provider.issuer().toString(), provider.groupsClaim()));
        for (Grant grant : provider.grants()) {
            String own =
                    Document.canonical(
                            List.of(grant.group(), grant.role().text(), grant.org().orElse("")));
            before = HexFormat.of().formatHex(Secret.sha256(before + own));
            mappings.add(before);
        }
        return mappings;
    }

    /** Those that give a role today. */
    Set<String> mappings() {
        return Set.copyOf(mappings);
    }

    /**
     * @throws Refused if none of the groups has a role here
     */
    Known known(IDTokenClaimsSet claims) throws Refused {
        Set<String> groups = groups(claims);
        for (int i = 0; i < provider.grants().size(); i++) {
            Grant grant = provider.grants().get(i);
            if (groups.contains(grant.group())) {
                return new Known(
                        new Holder(id(claims), name(claims), grant.role(), grant.org()),
                        mappings.get(i));
            }
        }
        if (groups.isEmpty()) {
            throw new Refused(
                    "no-groups",
                    claims.getClaim(ELSEWHERE) == null
                            ? "your identity provider says nothing of your groups; an administrator"
                                    + " should let it put them into the ID token as \""
                                    + provider.groupsClaim()
                                    + "\""
                            : "you are in more groups than your identity provider puts into an ID"
                                    + " token; an administrator should let it send only those that"
                                    + " matter here");
        }
        throw new Refused(
                "no-role",
                "you are known to your identity provider, but none of your groups has a role here;"
                        + " ask an administrator to put you into one that has");
    }

    private Set<String> groups(IDTokenClaimsSet claims) {
        Object claim = claims.getClaim(provider.groupsClaim());
        Set<String> groups = new HashSet<>();
        for (Object group :
                claim instanceof List<?> list ? list : Stream.ofNullable(claim).toList()) {
            if (group instanceof String text) {
                groups.add(text);
            }
        }
        return groups;
    }

    /** Tells people apart for ever, as issuer and subject do and nothing else: §5.7. */
    private static String id(IDTokenClaimsSet claims) {
        String both = claims.getIssuer().getValue() + '\0' + claims.getSubject().getValue();
        return "person-" + HexFormat.of().formatHex(Secret.sha256(both)).substring(0, ID_DIGITS);
    }

    /**
     * What people know them by, and the subject, because at some providers anyone may call
     * themselves anything.
     */
    private static String name(IDTokenClaimsSet claims) {
        String subject = shown(claims.getSubject().getValue());
        return Stream.of("email", "preferred_username", "name")
                .map(claim -> claims.getClaim(claim) instanceof String text ? text : null)
                .filter(Objects::nonNull)
                .map(People::shown)
                .filter(name -> !name.isEmpty() && !name.equals(subject))
                .findFirst()
                .map(name -> name + " (" + subject + ")")
                .or(() -> Optional.of(subject).filter(name -> !name.isEmpty()))
                .orElseGet(() -> id(claims));
    }

    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .filter(People::isPlain)
                .takeWhile(c -> shown.length() + Character.charCount(c) <= MAX_SHOWN)
                .forEach(shown::appendCodePoint);
        return shown.toString().strip();
    }

    /** What cannot break a line, turn its direction or hide in it. */
    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> true;
        };
    }
}
