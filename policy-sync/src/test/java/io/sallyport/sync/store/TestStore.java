package io.sallyport.sync.store;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** A store that a test may open more than once, and get at behind the program's back. */
public interface TestStore {
    Database open() throws IOException;

    Connection raw() throws SQLException;

    /** What another process opens this store with. */
    List<String> arguments();

    /** Statements that take the triggers away. */
    List<String> unlocking();

    default void sql(String... statements) throws SQLException {
        try (Connection connection = raw();
                Statement running = connection.createStatement()) {
            for (String statement : statements) {
                running.execute(statement);
            }
        }
    }

    /** Does what somebody does who owns the database and wants to hide something. */
    default void tamper(String... statements) throws SQLException {
        sql(unlocking().toArray(String[]::new));
        sql(statements);
    }

    /** The other end of {@link #arguments}. */
    static Database open(List<String> arguments) throws IOException {
        return switch (arguments.getFirst()) {
            case "sqlite" -> Database.open(java.nio.file.Path.of(arguments.get(1)));
            default ->
                    Database.open(
                            new Database.Server(
                                    arguments.get(1),
                                    "postgres",
                                    java.nio.file.Path.of(arguments.get(2))));
        };
    }
}
