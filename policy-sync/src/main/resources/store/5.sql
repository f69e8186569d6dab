-- Which orgs the pods of a Kubernetes namespace may name. In force until the row is gone.
CREATE TABLE namespace_org (
    namespace VARCHAR(63)  NOT NULL,
    org       VARCHAR(63)  NOT NULL,
    mapped_at BIGINT       NOT NULL,
    mapped_by VARCHAR(128) NOT NULL,
    role      VARCHAR(32)  NOT NULL,
    why       VARCHAR(500) NOT NULL,
    PRIMARY KEY (namespace, org)
);

CREATE INDEX namespace_of_org ON namespace_org (org, namespace);

-- By which the admission webhook knows the session ids that it gave a moment ago; it opens nothing.
CREATE TABLE admission_key (
    one    INTEGER     NOT NULL PRIMARY KEY CHECK (one = 1),
    secret VARCHAR(64) NOT NULL
);
