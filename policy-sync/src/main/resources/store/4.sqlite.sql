CREATE TRIGGER org_settings_are_not_edited BEFORE UPDATE ON org_settings
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;

CREATE TRIGGER org_settings_are_not_cut BEFORE DELETE ON org_settings
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;

CREATE TRIGGER org_settings_are_not_replaced BEFORE INSERT ON org_settings
WHEN NEW.version <= (SELECT COALESCE(MAX(version), 0) FROM org_settings WHERE org = NEW.org)
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;

CREATE TRIGGER agent_settings_are_not_edited BEFORE UPDATE ON agent_settings
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;

CREATE TRIGGER agent_settings_are_not_cut BEFORE DELETE ON agent_settings
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;

CREATE TRIGGER agent_settings_are_not_replaced BEFORE INSERT ON agent_settings
WHEN NEW.version <= (SELECT COALESCE(MAX(version), 0) FROM agent_settings WHERE org = NEW.org AND agent = NEW.agent)
BEGIN
    SELECT RAISE(ABORT, 'versions of settings are only ever added');
END;
