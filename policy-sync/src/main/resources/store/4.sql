-- The one node that a node's token may report for; empty for other roles, and for node tokens of earlier versions, which report for none.
ALTER TABLE token ADD COLUMN node VARCHAR(128) NOT NULL DEFAULT '';

-- What of the mapping of groups to roles a sign-in at the provider rests on; empty for one with a token.
ALTER TABLE browser_session ADD COLUMN mapping VARCHAR(64) NOT NULL DEFAULT '';

-- A session's id is its node's choice, and two nodes may choose the same.
CREATE TABLE session_wish (
    node     VARCHAR(128) NOT NULL,
    session  VARCHAR(128) NOT NULL,
    asked_at BIGINT       NOT NULL,
    asked_by VARCHAR(128) NOT NULL,
    PRIMARY KEY (node, session)
);

INSERT INTO session_wish (node, session, asked_at, asked_by)
SELECT node, session, asked_at, asked_by FROM session_end;

DROP TABLE session_end;

ALTER TABLE session_wish RENAME TO session_end;

-- A key is kept with what was answered, in the change itself; there are none without any more.
DELETE FROM replay WHERE status = 0;

ALTER TABLE replay RENAME COLUMN begun_at TO answered_at;
