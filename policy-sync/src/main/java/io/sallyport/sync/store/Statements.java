package io.sallyport.sync.store;

import io.sallyport.sync.store.Database.Row;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Runs one statement. */
final class Statements {
    private Statements() {}

    static <T> List<T> query(Connection open, Row<T> reader, String sql, Object... values)
            throws SQLException, IOException {
        try (PreparedStatement statement = prepare(open, sql, values);
                ResultSet rows = statement.executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            return found;
        }
    }

    static int update(Connection open, String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = prepare(open, sql, values)) {
            return statement.executeUpdate();
        }
    }

    static void execute(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute(sql);
        }
    }

    private static PreparedStatement prepare(Connection open, String sql, Object... values)
            throws SQLException {
        PreparedStatement statement = open.prepareStatement(sql);
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
        return statement;
    }
}
