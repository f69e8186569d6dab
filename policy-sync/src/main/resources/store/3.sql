-- Signed-in browsers, by the SHA-256 of their cookie's value; an empty token is a sign-in at the provider.
CREATE TABLE browser_session (
    hash       VARCHAR(64)  NOT NULL PRIMARY KEY,
    holder     VARCHAR(128) NOT NULL,
    name       VARCHAR(128) NOT NULL,
    role       VARCHAR(32)  NOT NULL,
    org        VARCHAR(63)  NOT NULL,
    token      VARCHAR(32)  NOT NULL,
    started_at BIGINT       NOT NULL,
    used_at    BIGINT       NOT NULL
);

CREATE INDEX browser_session_of_holder ON browser_session (holder, used_at);

CREATE INDEX browser_session_by_start ON browser_session (started_at);

-- Browsers that are at the provider now; each row is used once.
CREATE TABLE sign_in_attempt (
    state      VARCHAR(64)  NOT NULL PRIMARY KEY,
    browser    VARCHAR(64)  NOT NULL,
    nonce      VARCHAR(64)  NOT NULL,
    verifier   VARCHAR(64)  NOT NULL,
    target     VARCHAR(512) NOT NULL,
    started_at BIGINT       NOT NULL
);

CREATE INDEX sign_in_attempt_by_time ON sign_in_attempt (started_at);
