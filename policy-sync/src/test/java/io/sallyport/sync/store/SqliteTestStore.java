package io.sallyport.sync.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;

record SqliteTestStore(Path directory) implements TestStore {
    @Override
    public Database open() throws IOException {
        return Database.open(directory);
    }

    @Override
    public Connection raw() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + directory.resolve("sallyport.db"));
    }

    @Override
    public List<String> arguments() {
        return List.of("sqlite", directory.toString(), "-");
    }

    @Override
    public List<String> unlocking() {
        return List.of(
                "DROP TRIGGER audit_is_not_edited",
                "DROP TRIGGER audit_is_not_cut",
                "DROP TRIGGER audit_is_not_replaced",
                "DROP TRIGGER org_settings_are_not_edited");
    }
}
