package io.sallyport.sync.access;

import com.google.common.collect.ImmutableSet;
import io.sallyport.sync.token.Tokens.Role;
import java.util.Optional;

/** The table of roles and endpoints. */
public final class Access {
    private Access() {}

    /** What becomes of a request whose caller is known. */
    public enum Ruling {
        GRANTED,
        /** The role may not do this. */
        REFUSED,
        /** The caller is not told whether the thing exists. */
        HIDDEN
    }

    /** Who may use an endpoint. */
    private enum Callers {
        /** No token is needed. */
        EVERYBODY(),
        /** Whoever has a token. */
        HOLDERS(Role.PLATFORM_ADMIN, Role.ORG_ADMIN, Role.ORG_VIEWER, Role.NODE),
        /** What people read, no node. */
        READERS(Role.PLATFORM_ADMIN, Role.ORG_ADMIN, Role.ORG_VIEWER),
        ADMINS(Role.PLATFORM_ADMIN, Role.ORG_ADMIN),
        PLATFORM(Role.PLATFORM_ADMIN),
        NODES(Role.PLATFORM_ADMIN, Role.NODE);

        private final ImmutableSet<Role> roles;

        Callers(Role... roles) {
            this.roles = ImmutableSet.copyOf(roles);
        }
    }

    /**
     * One method of one path. A path with {@code {org}} is about that org; the lists of tokens,
     * orgs, namespaces and audit rows show an org's callers what is theirs.
     */
    public enum Endpoint {
        LIVE("GET", "/healthz", Callers.EVERYBODY),
        READY("GET", "/readyz", Callers.EVERYBODY),
        OPENAPI("GET", "/openapi.yaml", Callers.EVERYBODY),
        ME("GET", "/v1/me", Callers.HOLDERS),
        PRESETS("GET", "/v1/presets", Callers.READERS),
        ORGS("GET", "/v1/orgs", Callers.READERS),
        ORG_CREATE("POST", "/v1/orgs", Callers.PLATFORM),
        SETTINGS("GET", "/v1/orgs/{org}/network-access", Callers.READERS),
        SETTINGS_PUT("PUT", "/v1/orgs/{org}/network-access", Callers.ADMINS),
        DOMAINS_ADD("POST", "/v1/orgs/{org}/network-access/domains", Callers.ADMINS),
        DOMAIN_REMOVE("DELETE", "/v1/orgs/{org}/network-access/domains/{pattern}", Callers.ADMINS),
        CHECK("POST", "/v1/orgs/{org}/network-access/check", Callers.ADMINS),
        IMPACT("POST", "/v1/orgs/{org}/network-access/impact", Callers.ADMINS),
        ROLLBACK("POST", "/v1/orgs/{org}/network-access/rollback", Callers.ADMINS),
        HISTORY("GET", "/v1/orgs/{org}/history", Callers.READERS),
        HISTORY_VERSION("GET", "/v1/orgs/{org}/history/{version}", Callers.READERS),
        AGENTS("GET", "/v1/orgs/{org}/agents", Callers.READERS),
        AGENT("GET", "/v1/orgs/{org}/agents/{agent}", Callers.READERS),
        AGENT_PUT("PUT", "/v1/orgs/{org}/agents/{agent}", Callers.ADMINS),
        POLICY("GET", "/v1/orgs/{org}/policy", Callers.HOLDERS),
        EXPLAIN("GET", "/v1/orgs/{org}/explain", Callers.READERS),
        SESSIONS("GET", "/v1/orgs/{org}/sessions", Callers.READERS),
        SESSION_END("DELETE", "/v1/orgs/{org}/sessions/{session}", Callers.ADMINS),
        DENIED("GET", "/v1/orgs/{org}/denied", Callers.READERS),
        QUERIES("GET", "/v1/orgs/{org}/queries", Callers.READERS),
        OBSERVED("GET", "/v1/orgs/{org}/observed", Callers.READERS),
        ORG_EMERGENCIES("GET", "/v1/orgs/{org}/emergency-denials", Callers.READERS),
        ORG_EMERGENCY_ADD("POST", "/v1/orgs/{org}/emergency-denials", Callers.ADMINS),
        ORG_EMERGENCY_LIFT("DELETE", "/v1/orgs/{org}/emergency-denials/{id}", Callers.ADMINS),
        EMERGENCIES("GET", "/v1/emergency-denials", Callers.PLATFORM),
        EMERGENCY_ADD("POST", "/v1/emergency-denials", Callers.PLATFORM),
        EMERGENCY_LIFT("DELETE", "/v1/emergency-denials/{id}", Callers.PLATFORM),
        AUDIT("GET", "/v1/audit", Callers.ADMINS),
        AUDIT_VERIFY("GET", "/v1/audit/verify", Callers.PLATFORM),
        TOKENS("GET", "/v1/tokens", Callers.ADMINS),
        TOKEN_CREATE("POST", "/v1/tokens", Callers.ADMINS),
        TOKEN_REVOKE("DELETE", "/v1/tokens/{id}", Callers.ADMINS),
        SIGN_INS("GET", "/v1/sign-ins", Callers.PLATFORM),
        SIGN_IN_END("DELETE", "/v1/sign-ins/{person}", Callers.PLATFORM),
        NAMESPACES("GET", "/v1/namespaces", Callers.READERS),
        NAMESPACE_MAP("PUT", "/v1/namespaces/{namespace}/orgs/{org}", Callers.PLATFORM),
        NAMESPACE_UNMAP("DELETE", "/v1/namespaces/{namespace}/orgs/{org}", Callers.PLATFORM),
        REPORT("POST", "/v1/nodes/{node}/report", Callers.NODES);

        private final String method;
        private final String path;
        private final Callers callers;

        Endpoint(String method, String path, Callers callers) {
            this.method = method;
            this.path = path;
            this.callers = callers;
        }

        public String method() {
            return method;
        }

        /** Its template: a segment in braces stands for any one segment. */
        public String path() {
            return path;
        }

        /** Whether it is for everybody, with a token or without. */
        public boolean open() {
            return callers == Callers.EVERYBODY;
        }

        /** Whether its answer changes nothing. */
        public boolean reads() {
            return method.equals("GET") || this == CHECK || this == IMPACT;
        }
    }

    /**
     * @param own the org that the caller belongs to; empty for the platform's own
     * @param asked the org that the path names; empty where it names none
     */
    public static Ruling judge(
            Role role, Optional<String> own, Endpoint endpoint, Optional<String> asked) {
        boolean ofAnOrg = role == Role.ORG_ADMIN || role == Role.ORG_VIEWER;
        if (ofAnOrg && asked.isPresent() && !asked.equals(own)) {
            return Ruling.HIDDEN;
        }
        return endpoint.callers.roles.contains(role) ? Ruling.GRANTED : Ruling.REFUSED;
    }
}
