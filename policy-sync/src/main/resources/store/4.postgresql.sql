CREATE FUNCTION refuse_to_edit_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of settings are only ever added';
END
$$;

CREATE TRIGGER org_settings_are_not_edited BEFORE UPDATE OR DELETE ON org_settings
FOR EACH ROW EXECUTE FUNCTION refuse_to_edit_settings();

CREATE TRIGGER org_settings_are_not_emptied BEFORE TRUNCATE ON org_settings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_edit_settings();

CREATE TRIGGER agent_settings_are_not_edited BEFORE UPDATE OR DELETE ON agent_settings
FOR EACH ROW EXECUTE FUNCTION refuse_to_edit_settings();

CREATE TRIGGER agent_settings_are_not_emptied BEFORE TRUNCATE ON agent_settings
FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_edit_settings();
