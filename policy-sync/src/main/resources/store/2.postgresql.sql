CREATE FUNCTION refuse_to_edit_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to';
END
$$;

CREATE TRIGGER audit_is_not_edited BEFORE UPDATE OR DELETE ON audit
FOR EACH ROW EXECUTE FUNCTION refuse_to_edit_audit();

CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_edit_audit();

-- Names in the order of their bytes, as SQLite has them, whatever the server's language.
ALTER TABLE org_settings ALTER COLUMN org TYPE VARCHAR(63) COLLATE "C";

ALTER TABLE agent_settings ALTER COLUMN agent TYPE VARCHAR(128) COLLATE "C";

ALTER TABLE session ALTER COLUMN id TYPE VARCHAR(128) COLLATE "C";

ALTER TABLE emergency_denial ALTER COLUMN pattern TYPE VARCHAR(300) COLLATE "C";
