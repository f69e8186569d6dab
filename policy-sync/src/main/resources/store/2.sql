ALTER TABLE org_settings ADD COLUMN role VARCHAR(32) NOT NULL DEFAULT 'local';

ALTER TABLE agent_settings ADD COLUMN role VARCHAR(32) NOT NULL DEFAULT 'local';

-- Every change of anything, in order; see the audit package. The other columns repeat what the document says, to find it by.
CREATE TABLE audit (
    number   BIGINT      NOT NULL PRIMARY KEY,
    org      VARCHAR(63) NOT NULL,
    at       BIGINT      NOT NULL,
    document TEXT        NOT NULL,
    hash     VARCHAR(64) NOT NULL
);

CREATE INDEX audit_of_org ON audit (org, number);

-- The end of the chain: rows cut off at the end are missed.
CREATE TABLE audit_head (
    one    INTEGER     NOT NULL PRIMARY KEY CHECK (one = 1),
    number BIGINT      NOT NULL,
    hash   VARCHAR(64) NOT NULL
);

INSERT INTO audit_head (one, number, hash)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- An empty org is the platform. Of the secret only its SHA-256 is kept.
CREATE TABLE token (
    id         VARCHAR(32)  NOT NULL PRIMARY KEY,
    name       VARCHAR(128) NOT NULL,
    role       VARCHAR(32)  NOT NULL,
    org        VARCHAR(63)  NOT NULL,
    hash       VARCHAR(64)  NOT NULL UNIQUE,
    created_at BIGINT       NOT NULL,
    created_by VARCHAR(128) NOT NULL,
    expires_at BIGINT       NOT NULL,
    used_at    BIGINT       NOT NULL
);

CREATE INDEX token_of_org ON token (org, id);

-- Has a row once the first token was made: revoking that one does not bring it back.
CREATE TABLE bootstrap (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1)
);

-- What nodes saw sandboxes ask for, a row a day.
CREATE TABLE decision (
    org        VARCHAR(63)   NOT NULL,
    session    VARCHAR(128)  NOT NULL,
    day        BIGINT        NOT NULL,
    verdict    VARCHAR(16)   NOT NULL,
    reason     VARCHAR(64)   NOT NULL,
    name       VARCHAR(1024) NOT NULL,
    node       VARCHAR(128)  NOT NULL,
    count      BIGINT        NOT NULL,
    first_seen BIGINT        NOT NULL,
    last_seen  BIGINT        NOT NULL,
    PRIMARY KEY (org, session, day, verdict, reason, name)
);

CREATE INDEX decision_by_day ON decision (day, org);

CREATE INDEX decision_by_verdict ON decision (org, verdict, last_seen);

-- The same, counted by the minute.
CREATE TABLE decision_minute (
    org     VARCHAR(63) NOT NULL,
    minute  BIGINT      NOT NULL,
    verdict VARCHAR(16) NOT NULL,
    count   BIGINT      NOT NULL,
    PRIMARY KEY (org, minute, verdict)
);

CREATE INDEX decision_minute_by_time ON decision_minute (minute);

CREATE TABLE node (
    name              VARCHAR(128) NOT NULL PRIMARY KEY,
    heard_at          BIGINT       NOT NULL,
    emergency_version BIGINT       NOT NULL
);

-- As last reported; when that was, its node says. An empty agent is none.
CREATE TABLE session (
    node       VARCHAR(128) NOT NULL,
    id         VARCHAR(128) NOT NULL,
    org        VARCHAR(63)  NOT NULL,
    agent      VARCHAR(128) NOT NULL,
    state      VARCHAR(16)  NOT NULL,
    mode       VARCHAR(16)  NOT NULL,
    snapshot   VARCHAR(64)  NOT NULL,
    version    BIGINT       NOT NULL,
    started_at BIGINT       NOT NULL,
    PRIMARY KEY (node, id)
);

CREATE INDEX session_of_org ON session (org, id);

CREATE TABLE session_end (
    session  VARCHAR(128) NOT NULL PRIMARY KEY,
    node     VARCHAR(128) NOT NULL,
    asked_at BIGINT       NOT NULL,
    asked_by VARCHAR(128) NOT NULL
);

CREATE INDEX session_end_of_node ON session_end (node);

-- In force until the row is gone.
CREATE TABLE emergency_denial (
    id       VARCHAR(32)  NOT NULL PRIMARY KEY,
    org      VARCHAR(63)  NOT NULL,
    pattern  VARCHAR(300) NOT NULL,
    added_at BIGINT       NOT NULL,
    added_by VARCHAR(128) NOT NULL,
    role     VARCHAR(32)  NOT NULL,
    why      VARCHAR(500) NOT NULL,
    UNIQUE (org, pattern)
);

-- Grows by one with each denial that comes or goes.
CREATE TABLE emergency_version (
    one     INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    version BIGINT  NOT NULL
);

INSERT INTO emergency_version (one, version) VALUES (1, 0);

-- What was answered to a request that may be sent again.
CREATE TABLE replay (
    holder    VARCHAR(128) NOT NULL,
    key_text  VARCHAR(128) NOT NULL,
    request   VARCHAR(64)  NOT NULL,
    begun_at  BIGINT       NOT NULL,
    status    INTEGER      NOT NULL,
    location  VARCHAR(2048) NOT NULL,
    body      TEXT         NOT NULL,
    PRIMARY KEY (holder, key_text)
);

CREATE INDEX replay_by_time ON replay (begun_at);
