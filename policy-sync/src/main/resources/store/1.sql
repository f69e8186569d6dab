-- Rows are only ever added: the highest version of an org or agent is the one in force. Times are milliseconds since 1970.
CREATE TABLE org_settings (
    org        VARCHAR(63)  NOT NULL,
    version    BIGINT       NOT NULL,
    document   TEXT         NOT NULL,
    changed_at BIGINT       NOT NULL,
    changed_by VARCHAR(128) NOT NULL,
    why        VARCHAR(500) NOT NULL,
    PRIMARY KEY (org, version)
);

CREATE TABLE agent_settings (
    org            VARCHAR(63)  NOT NULL,
    agent          VARCHAR(128) NOT NULL,
    version        BIGINT       NOT NULL,
    code_execution INTEGER      NOT NULL,
    changed_at     BIGINT       NOT NULL,
    changed_by     VARCHAR(128) NOT NULL,
    why            VARCHAR(500) NOT NULL,
    PRIMARY KEY (org, agent, version)
);
